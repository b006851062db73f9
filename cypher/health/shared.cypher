// How many shared identifiers there are of each type, of the first ones up to a limit. in: brand_id, limit; out: type, identifiers
MATCH (i:Identifier)
WHERE i.brand_id = $brand_id AND i.standing = 'shared' AND i.key > ''
WITH i LIMIT $limit
RETURN i.type AS type, count(i) AS identifiers ORDER BY type
