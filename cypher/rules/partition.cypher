// Who holds what, in the order of ids. in: brand_id, after (id), limit; out: profile_id, identifiers [texts]
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.profile_id > $after
WITH p ORDER BY p.brand_id, p.profile_id LIMIT $limit
RETURN p.profile_id AS profile_id, [(p)-[:HAS_IDENTIFIER]->(i:Identifier) | i.type + '|' + i.value] AS identifiers
