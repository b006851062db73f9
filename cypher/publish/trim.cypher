// Deletes the oldest placed rows of a brand's event streams, as far as their events were stored before a moment or are erased.
// Events themselves stay. Takes the lock of the stream; what is kept begins behind its `trimmed`.
// in: brand_id, stream (its key), before (epoch milliseconds), limit; out: deleted
MERGE (s:Stream {key: $stream})
  ON CREATE SET s.position = 0
SET s.brand_id = $brand_id
WITH s, coalesce(s.trimmed, 0) AS trimmed
CALL (trimmed) {
  MATCH (o:Outbox)
  WHERE o.brand_id = $brand_id AND o.position > trimmed
  WITH o ORDER BY o.brand_id, o.position LIMIT $limit
  OPTIONAL MATCH (e:Event {key: $brand_id + '|' + o.event_id})
  WITH o, coalesce(e.received_at < datetime({epochMillis: $before}), true) AS due ORDER BY o.position
  RETURN collect(o) AS found, collect(due) AS due
}
WITH s, found[..reduce(n = 0, i IN range(0, size(due) - 1) | CASE WHEN n = i AND due[i] THEN n + 1 ELSE n END)] AS doomed
SET s.trimmed = coalesce(last(doomed).position, s.trimmed)
FOREACH (o IN doomed | DELETE o)
RETURN size(doomed) AS deleted
