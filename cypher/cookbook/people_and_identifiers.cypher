// Some people, drawn: each with all that they are known by.
MATCH (p:Profile)
WHERE p.brand_id = $brand AND p.profile_id > ''
WITH p ORDER BY p.profile_id LIMIT 25
MATCH path = (p)-[:HAS_IDENTIFIER]->(:Identifier)
RETURN path
