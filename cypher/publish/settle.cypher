// Takes the lock of a brand's stream until the transaction ends, and gives the first rows that wait to be placed once
// the transactions that wrote them have ended: the seek of an event's key waits for whoever made it. (A commit becomes
// visible row by row; only its locks say that all of it is there.)
// in: brand_id, limit; out: id, received (epoch milliseconds, null for an erased event)
MERGE (s:Stream {key: $brand_id})
  ON CREATE SET s.position = 0
SET s.brand_id = $brand_id
WITH s
CALL (s) {
  MATCH (o:Outbox)
  WHERE o.brand_id = $brand_id AND o.pending >= 0
  RETURN o ORDER BY o.brand_id, o.pending, o.event_id LIMIT $limit
}
OPTIONAL MATCH (e:Event {key: $brand_id + '|' + o.event_id})
RETURN elementId(o) AS id, e.received_at.epochMillis AS received
