// A brand's identifiers of one standing, by key. in: brand_id, standing, after (the last key of the page before, or ''), limit
// out: identifier
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(brand_id, standing, key)
WHERE i.brand_id = $brand_id AND i.standing = $standing AND i.key > $after
WITH i ORDER BY i.brand_id, i.standing, i.key LIMIT $limit
RETURN i {
  .key, .type, .value, .standing, .declared, .declared_by, .note, .seen_with, .through,
  declared_at: i.declared_at.epochMillis, first_seen: i.first_seen.epochMillis, last_seen: i.last_seen.epochMillis
} AS identifier
