// All that is known of the person who answers for a profile id, each list newest first. One row a list: gathered in one
// row, each list would be counted again for every row of the next one (200 orders of 20 lines passed 256 MB).
// in: brand_id, profile_id, limit (of each list)
// out: part, one of {profile (with events_total)}, {events}, {orders}, {visits}, {intents}, {merges}; no row for nobody
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
CALL (p) {
  RETURN {profile: p {
    .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
    created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
    held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
      [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]],
    events_total: COUNT { (p)<-[:ATTACHED_TO]-() }
  }} AS part
  UNION ALL
  MATCH (p)<-[moved:ATTACHED_TO]-(e:Event)
  WITH e, moved ORDER BY e.occurred_at DESC, e.clock DESC, e.event_id LIMIT $limit
  RETURN {events: collect(e {
    .event_id, .type, .source, .outcome, .merge_id, .review_id, .order_id, .value_minor, .currency, .properties,
    moved_by: moved.merge_id, occurred_at: e.occurred_at.epochMillis, received_at: e.received_at.epochMillis,
    identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
  })} AS part
  UNION ALL
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WITH e ORDER BY e.occurred_at DESC, e.clock DESC, e.event_id LIMIT $limit
  RETURN {orders: collect(e {
    .event_id, .source, .order_id, .value_minor, .currency, .facts, occurred_at: e.occurred_at.epochMillis
  })} AS part
  UNION ALL
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)-[:RECORDED]->(v:StoreVisit)
  WITH e, v ORDER BY v.check_in_at DESC, v.visit_id LIMIT $limit
  RETURN {visits: collect(v {
    .visit_id, .store_id, .store_name, .duration_minutes, .detection_method, event_id: e.event_id,
    check_in_at: v.check_in_at.epochMillis, check_out_at: v.check_out_at.epochMillis
  })} AS part
  UNION ALL
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)-[:SHOWED]->(n:ProductIntent)
  WITH e, n ORDER BY e.occurred_at DESC, e.clock DESC, n.intent_id LIMIT $limit
  RETURN {intents: collect(n {
    .intent_id, .product_id, .product_name, .score, .status, .converted_by,
    event_id: e.event_id, shown_at: e.occurred_at.epochMillis
  })} AS part
  UNION ALL
  MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)<-[:KEPT]-(h:MergeHistory)
  WITH h ORDER BY h.decided_at DESC, h.merge_id LIMIT $limit
  RETURN {merges: collect(h {
    .merge_id, .reason, .base_profile_id, .merged_profile_ids, .before, .after, .decided_by, .because, .note,
    decided_at: h.decided_at.epochMillis, undone_at: h.undone_at.epochMillis, .undone_because
  })} AS part
}
RETURN part
