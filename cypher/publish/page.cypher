// Placed rows of a brand's stream after a position, and whether others wait to be placed.
// in: brand_id, after, limit; out: one row {rows, waiting}
CALL () {
  MATCH (o:Outbox)
  WHERE o.brand_id = $brand_id AND o.position > $after
  WITH o ORDER BY o.brand_id, o.position LIMIT $limit
  OPTIONAL MATCH (e:Event {key: $brand_id + '|' + o.event_id})
  WITH o, e ORDER BY o.position
  RETURN collect({position: o.position, profile_id: o.profile_id, event: e {
    .event_id, .source, .type, .outcome, .merge_id, .review_id, .properties, .raw, .value_minor, .currency,
    occurred_at: e.occurred_at.epochMillis, received_at: e.received_at.epochMillis,
    identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
  }}) AS rows
}
RETURN rows, EXISTS { MATCH (o:Outbox) WHERE o.brand_id = $brand_id AND o.pending >= 0 } AS waiting
