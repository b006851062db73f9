// When the oldest kept entries of a brand's streams were stored; for an erased event the beginning of time.
// in: brand_id, events, changes (the keys of the two streams); out: one row {events, changes} (epoch milliseconds, null for none)
OPTIONAL MATCH (outbox:Stream {key: $events})
OPTIONAL MATCH (log:Stream {key: $changes})
WITH coalesce(outbox.trimmed, 0) AS events_trimmed, coalesce(log.trimmed, 0) AS changes_trimmed
CALL (events_trimmed) {
  OPTIONAL MATCH (o:Outbox)
  WHERE o.brand_id = $brand_id AND o.position > events_trimmed
  WITH o ORDER BY o.brand_id, o.position LIMIT 1
  OPTIONAL MATCH (e:Event {key: $brand_id + '|' + o.event_id})
  RETURN CASE WHEN o IS NOT NULL THEN coalesce(e.received_at.epochMillis, 0) END AS events
}
CALL (changes_trimmed) {
  OPTIONAL MATCH (c:Change)
  WHERE c.brand_id = $brand_id AND c.position > changes_trimmed
  WITH c ORDER BY c.brand_id, c.position LIMIT 1
  RETURN c.stored_at.epochMillis AS changes
}
RETURN events, changes
