// Identifiers of a brand of one standing, in the order of their keys, and of each whether nobody holds it though it was seen.
// in: brand_id, standing, after (key), limit; out: key, type, value, stray
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(brand_id, standing, key)
WHERE i.brand_id = $brand_id AND i.standing = $standing AND i.key > $after
WITH i ORDER BY i.brand_id, i.standing, i.key LIMIT $limit
RETURN i.key AS key, i.type AS type, i.value AS value,
  EXISTS { (i)<-[:CARRIES]-() } AND NOT EXISTS { (:Profile)-[:HAS_IDENTIFIER]->(i) } AS stray
