// Deletes the oldest entries of a brand's `identity.changes` that were stored before a moment. Takes the lock of the stream.
// in: brand_id, stream (its key), before (epoch milliseconds), limit; out: deleted
MERGE (s:Stream {key: $stream})
  ON CREATE SET s.position = 0
SET s.brand_id = $brand_id
WITH s, coalesce(s.trimmed, 0) AS trimmed
CALL (trimmed) {
  MATCH (c:Change)
  WHERE c.brand_id = $brand_id AND c.position > trimmed
  WITH c ORDER BY c.brand_id, c.position LIMIT $limit
  RETURN collect(c) AS found, collect(c.stored_at < datetime({epochMillis: $before})) AS due
}
WITH s, found[..reduce(n = 0, i IN range(0, size(due) - 1) | CASE WHEN n = i AND due[i] THEN n + 1 ELSE n END)] AS doomed
SET s.trimmed = coalesce(last(doomed).position, s.trimmed)
FOREACH (c IN doomed | DELETE c)
RETURN size(doomed) AS deleted
