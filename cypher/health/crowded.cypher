// The identifiers that were seen with the most others. in: brand_id, least, limit
// out: type, value, standing, declared, seen_with, through
MATCH (i:Identifier)
WHERE i.brand_id = $brand_id AND i.seen_beside >= $least
WITH i ORDER BY i.brand_id DESC, i.seen_beside DESC LIMIT $limit
RETURN i.type AS type, i.value AS value, i.standing AS standing, i.declared AS declared, i.seen_with AS seen_with,
  i.through AS through
