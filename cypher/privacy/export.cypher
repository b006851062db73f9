// What is kept of the person who answers for a profile id and is in no view of one: what senders wrote, what was brought in, what
// was learnt before, what people decided of them.
// in: brand_id, profile_id; out: one row {raw [{event_id, raw}], imports, predictions, journeys, judgements, reviews}; no row for nobody
MATCH (asked:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
USING INDEX SEEK asked:ProfileId(key)
CALL (p) {
  MATCH (p)<-[:MERGED_INTO*0..]-(one:ProfileId)
  RETURN collect(one) AS ids
}
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  RETURN collect(e {.event_id, .raw}) AS raw
}
CALL (ids) {
  UNWIND ids AS one
  MATCH (one)<-[:FOUNDED]-(n:ProfileImport)
  RETURN collect(n {
    .profile_id, .source, .lifetime_value_minor, .currency, .total_orders, .attributes,
    created_at: n.created_at.epochMillis, received_at: n.received_at.epochMillis,
    identifiers: [(n)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
  }) AS imports
}
CALL (ids) {
  UNWIND ids AS one
  MATCH (one)-[:HAD_PREDICTION]->(h:PredictionHistory)
  WITH h ORDER BY h.as_of DESC
  RETURN collect(h {.churn_score, .predicted_ltv, .currency, .segment, .model_version, as_of: h.as_of.epochMillis}) AS predictions
}
CALL (ids) {
  UNWIND ids AS one
  MATCH (one)-[:HAD_JOURNEY]->(h:JourneyHistory)
  WITH h ORDER BY h.as_of DESC
  RETURN collect(h {.stage, .score, .next_best_action, as_of: h.as_of.epochMillis}) AS journeys
}
CALL (p, ids) {
  CALL (p, ids) {
    UNWIND ids AS one
    MATCH (one)<-[:SPEAKS_OF]-(j:Judgement)
    RETURN j
    UNION
    MATCH (p)-[:HAS_IDENTIFIER]->(:Identifier)<-[:SPEAKS_OF]-(j:Judgement)
    RETURN j
  }
  RETURN collect(j {
    .judgement_id, .kind, .reason, .note, .decided_by, .review_id,
    decided_at: j.decided_at.epochMillis, retracted_at: j.retracted_at.epochMillis
  }) AS judgements
}
CALL (p) {
  MATCH (p)<-[:CANDIDATE]-(r:MergeReview)
  RETURN collect(r {.review_id, .status, .reason, created_at: r.created_at.epochMillis}) AS reviews
}
RETURN raw, imports, predictions, journeys, judgements, reviews
