// The entries of a region as a replay needs them, where each event is attached, and the intents it showed.
// in: touched (one map): events [keys], imports [keys]; out: one row {events, imports}. Times are epoch milliseconds.
CALL () {
  UNWIND $touched.events AS key
  MATCH (e:Event {key: key})
  OPTIONAL MATCH (e)-[at:ATTACHED_TO]->(p:ProfileId)
  RETURN collect(e {
    .event_id, .delivery_id, .source, .type, .clock, .matched, .order_id, .value_minor, .currency, .facts, .outcome,
    occurred_at: e.occurred_at.epochMillis, received_at: e.received_at.epochMillis,
    identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]], home: p.profile_id, moved_by: at.merge_id,
    intents: [(e)-[:SHOWED]->(n:ProductIntent) | n {.intent_id, .status, .converted_by}]
  }) AS events
}
CALL () {
  UNWIND $touched.imports AS key
  MATCH (n:ProfileImport {key: key})
  RETURN collect(n {
    .profile_id, .source, .clock, .lifetime_value_minor, .currency, .total_orders, .attributes, .fingerprint, .request_id,
    created_at: n.created_at.epochMillis, received_at: n.received_at.epochMillis,
    identifiers: [(n)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
  }) AS imports
}
RETURN events, imports
