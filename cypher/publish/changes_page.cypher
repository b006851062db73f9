// What happened to a brand's identities after a position.
// in: brand_id, stream (its key), after (null: from the oldest that is kept), limit
// out: one row {rows, cut, waiting, trimmed, last} as publish/page gives it; ids that were not told of yet wait, and no page is cut
OPTIONAL MATCH (s:Stream {key: $stream})
WITH coalesce(s.trimmed, 0) AS trimmed, coalesce(s.position, 0) AS last
CALL (trimmed) {
  MATCH (c:Change)
  WHERE c.brand_id = $brand_id AND c.position > coalesce($after, trimmed)
  WITH c ORDER BY c.brand_id, c.position LIMIT $limit
  RETURN collect(c {.*, at: c.at.epochMillis, stored_at: null}) AS rows
}
RETURN rows, false AS cut, trimmed, last,
  EXISTS { MATCH (p:ProfileId) WHERE p.brand_id = $brand_id AND p.untold >= 0 } AS waiting
