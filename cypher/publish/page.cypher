// Placed rows of a brand's event streams after a position, and whether others wait to be placed. A page ends early once its
// texts have passed a size (CASE reads none behind that), so that no accepted event is too large to be read.
// in: brand_id, stream (its key), after (null: from the oldest that is kept), limit, field (the event's property that the topic
//     shows), characters (of a page's texts)
// out: one row {rows, cut, waiting, trimmed, last}; cut says that the size ended the page, trimmed how far rows are kept no longer,
//      last how far positions were given
OPTIONAL MATCH (s:Stream {key: $stream})
WITH coalesce(s.trimmed, 0) AS trimmed, coalesce(s.position, 0) AS last
CALL (trimmed) {
  MATCH (o:Outbox)
  WHERE o.brand_id = $brand_id AND o.position > coalesce($after, trimmed)
  WITH o ORDER BY o.brand_id, o.position LIMIT $limit
  OPTIONAL MATCH (e:Event {key: $brand_id + '|' + o.event_id})
  WITH o, e ORDER BY o.position
  RETURN collect({position: o.position, profile_id: o.profile_id, event: e}) AS found
}
WITH trimmed, last, found, reduce(sum = {rows: 0, characters: 0}, one IN found | CASE
  WHEN sum.characters >= $characters THEN sum
  ELSE {rows: sum.rows + 1, characters: sum.characters + coalesce(size(one.event[$field]), 0)}
END).rows AS fitting
CALL (found, fitting) {
  UNWIND found[..fitting] AS one
  WITH one, one.event AS e
  RETURN collect({position: one.position, profile_id: one.profile_id, event: e {
    .event_id, .source, .type, .outcome, .merge_id, .review_id, .value_minor, .currency, .backfill, text: e[$field],
    occurred_at: e.occurred_at.epochMillis, received_at: e.received_at.epochMillis,
    identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
  }}) AS rows
}
RETURN rows, fitting < size(found) AS cut, trimmed, last,
  EXISTS { MATCH (o:Outbox) WHERE o.brand_id = $brand_id AND o.pending >= 0 } AS waiting
