// All that is known of the person who answers for a profile id, each list newest first. One row a list: gathered in one
// row, each list would be counted again for every row of the next one (200 orders of 20 lines passed 256 MB).
// `still` is what the profile says once all else was read: where that is something else, lists and figures are not of one moment.
// in: brand_id, profile_id, limit (of each list)
// out: part, one of {profile (with events_total)}, {events}, {orders}, {visits}, {intents}, {merges}, {executions}, {campaigns}, {features, prediction, journey}, {still}; no row for nobody
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
CALL (p) {
  RETURN {profile: p {
    .profile_id, .clock, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
    created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
    held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
      [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]],
    events_total: COUNT { (p)<-[:ATTACHED_TO]-() }
  }} AS part
  UNION ALL
  MATCH (p)<-[moved:ATTACHED_TO]-(e:Event)
  WITH e, moved ORDER BY e.occurred_at DESC, e.clock DESC, e.event_id LIMIT $limit
  RETURN {events: collect(e {
    .event_id, .type, .source, .outcome, .merge_id, .review_id, .order_id, .value_minor, .currency, .properties, .backfill,
    moved_by: moved.merge_id, occurred_at: e.occurred_at.epochMillis, received_at: e.received_at.epochMillis,
    identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
  })} AS part
  UNION ALL
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WITH e ORDER BY e.occurred_at DESC, e.clock DESC, e.event_id LIMIT $limit
  RETURN {orders: collect(e {
    .event_id, .source, .order_id, .value_minor, .currency, .facts, occurred_at: e.occurred_at.epochMillis,
    .revised_minor, .revised_currency, cancelled_at: e.cancelled_at.epochMillis,
    refunds: [(e)-[:OF_ORDER]->()<-[:OF_ORDER]-(r {type: 'refund'}) |
      [coalesce(r.revised_currency, r.currency), coalesce(r.revised_minor, r.value_minor)]]
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
  UNION ALL
  MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)-[:RECEIVED]->(x:AutomationExecution)
  WITH x ORDER BY x.triggered_at DESC, x.execution_id LIMIT $limit
  RETURN {executions: collect(x {
    .execution_id, .automation_id, .automation_name, .automation_version, .trigger, .channel, .profile_id, .occurrence, .batch_id,
    .status, .reason, as_of: x.as_of.epochMillis, triggered_at: x.triggered_at.epochMillis,
    finished_at: x.finished_at.epochMillis, event_ids: [(x)-[:FOR_EVENT]->(e:Event) | e.event_id],
    campaign_id: [(x)-[:SENT_AS]->(c:CampaignExecution) | c.campaign_id][0]
  })} AS part
  UNION ALL
  MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)-[:RECEIVED]->(:AutomationExecution)-[:SENT_AS]->(c:CampaignExecution)
  WITH c ORDER BY c.queued_at DESC, c.campaign_id LIMIT $limit
  RETURN {campaigns: collect(c {
    .campaign_id, .execution_id, .automation_id, .automation_name, .profile_id, .channel, .provider, .to, .subject, .body,
    .content_sid, .status, .reason, .attempts, .message_id, .not_before, .due, .error_code, as_of: c.as_of.epochMillis,
    queued_at: c.queued_at.epochMillis, sent_at: c.sent_at.epochMillis, delivered_at: c.delivered_at.epochMillis,
    read_at: c.read_at.epochMillis, failed_at: c.failed_at.epochMillis
  })} AS part
  UNION ALL
  OPTIONAL MATCH (p)-[:HAS_FEATURES]->(f:FeatureSet)
  OPTIONAL MATCH (p)-[:HAS_PREDICTION]->(n:Prediction)
  OPTIONAL MATCH (p)-[:HAS_JOURNEY]->(j:CustomerJourney)
  RETURN {
    features: f {
      .*, first_order_at: f.first_order_at.epochMillis, previous_order_at: f.previous_order_at.epochMillis,
      last_order_at: f.last_order_at.epochMillis, last_activity_at: f.last_activity_at.epochMillis,
      as_of: f.as_of.epochMillis, built_at: f.built_at.epochMillis, mean_gap_days: f.mean_gap_days
    },
    prediction: n {
      .churn_score, .predicted_ltv, .predicted_ltv_90, .predicted_ltv_365, .currency, .segment, .recency_days, .tenure_days,
      .spend_ratio, .horizon_days, .model_version, .model_source, .recommended,
      as_of: n.as_of.epochMillis, scored_at: n.scored_at.epochMillis
    },
    journey: j {
      .stage, .score, .next_best_action, as_of: j.as_of.epochMillis,
      previous_stage: j.previous_stage, previous_score: j.previous_score
    }
  } AS part
  UNION ALL
  RETURN {still: p {.clock, .lifetime_value_minor, .total_orders, events_total: COUNT { (p)<-[:ATTACHED_TO]-() }}} AS part
}
RETURN part
