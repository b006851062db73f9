// Places waiting rows at the next positions of a brand's stream, in the order (clock, event id); under publish/lock.
// in: brand_id, limit; out: placed
MATCH (s:Stream {key: $brand_id})
CALL (s) {
  MATCH (o:Outbox)
  WHERE o.brand_id = $brand_id AND o.pending >= 0
  WITH o ORDER BY o.brand_id, o.pending, o.event_id LIMIT $limit
  RETURN collect(o) AS waiting
}
WITH s, waiting, s.position AS placed
SET s.position = placed + size(waiting)
WITH waiting, placed
UNWIND range(1, size(waiting)) AS step
WITH waiting[step - 1] AS o, placed + step AS position
SET o.position = position
REMOVE o.pending
RETURN count(o) AS placed
