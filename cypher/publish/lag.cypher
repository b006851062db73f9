// How many rows wait to be placed, in the streams that were ever read: one count over all brands, which names none of them.
// It ends at the limit, so it costs the same however far behind the streams are.
// in: limit; out: one row {waiting}
MATCH (s:Stream)
WHERE s.key = s.brand_id
WITH s.brand_id AS brand_id
MATCH (o:Outbox)
WHERE o.brand_id = brand_id AND o.pending >= 0
WITH o LIMIT $limit
RETURN count(o) AS waiting
