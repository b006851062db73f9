// Shared identifiers: seen with so many people that they link nobody.
MATCH (i:Identifier)
WHERE i.brand_id = $brand AND i.standing = 'shared' AND i.key > ''
RETURN i.type AS type, i.value AS value, size(coalesce(i.seen_with, [])) AS seen_with, i.first_seen AS first_seen,
  i.last_seen AS last_seen
ORDER BY seen_with DESC LIMIT 100
