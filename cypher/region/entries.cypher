// The entries of a region as a replay needs them, where each event is attached, and the intents it showed.
// in: touched (one map): events [keys], imports [keys]; out: one row {events [[...] in the order of app/graph/log_rows.EventRow],
//     imports}. Times are epoch milliseconds.
CALL () {
  UNWIND $touched.events AS key
  MATCH (e:Event {key: key})
  OPTIONAL MATCH (e)-[at:ATTACHED_TO]->(p:ProfileId)
  RETURN collect([
    e.event_id, e.delivery_id, e.source, e.type, e.clock, e.matched, e.outcome, e.order_id, e.value_minor, e.currency, e.facts,
    e.occurred_at.epochMillis, e.received_at.epochMillis, [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]],
    p.profile_id, at.merge_id, [(e)-[:SHOWED]->(n:ProductIntent) | [n.intent_id, n.score, n.status, n.converted_by]],
    coalesce(e.revision, 0), e.outcome <> 'parked' AND NOT EXISTS { (e)-[:OF_ORDER]->() }, e.backfill IS NOT NULL
  ]) AS events
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
