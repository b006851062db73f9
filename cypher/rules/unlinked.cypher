// Identifiers of a brand that link nobody, in the order of their keys. in: brand_id, standing, after (key), limit; out: identifier
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(brand_id, standing, key)
WHERE i.brand_id = $brand_id AND i.standing = $standing AND i.key > $after
WITH i ORDER BY i.brand_id, i.standing, i.key LIMIT $limit
RETURN i {.key, .type, .value, .standing, .declared, .seen_with, .through} AS identifier
