// What people are known by: how many hold each combination of identifier types.
MATCH (p:Profile)
WHERE p.brand_id = $brand AND p.profile_id > ''
WITH p, COLLECT { MATCH (p)-[:HAS_IDENTIFIER]->(i:Identifier) RETURN DISTINCT i.type AS type ORDER BY type } AS types
RETURN types, count(p) AS people ORDER BY people DESC, types
