// What had been learnt of a person by a moment: by the clock it was worked out for (`as_of`), and when it was (`known_at`).
// What stands today, where that was there by then, else the latest of the history. A journey is of its prediction's run.
// in: touched (one map): profile (key), as_of, known_at (epoch milliseconds, or null); out: one row {features, prediction, journey}
CALL () {
  OPTIONAL MATCH (:ProfileId {key: $touched.profile})-[:HAS_FEATURES]->(f:FeatureSet)
  WHERE ($touched.as_of IS NULL OR f.as_of <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR f.built_at <= datetime({epochMillis: $touched.known_at}))
  RETURN f
}
CALL () {
  OPTIONAL MATCH (:ProfileId {key: $touched.profile})-[kind:HAS_PREDICTION|HAD_PREDICTION]->(n)
  WHERE ($touched.as_of IS NULL OR n.as_of <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR n.scored_at <= datetime({epochMillis: $touched.known_at}))
  RETURN n ORDER BY type(kind) DESC, n.as_of DESC LIMIT 1
}
CALL (n) {
  OPTIONAL MATCH (:ProfileId {key: $touched.profile})-[kind:HAS_JOURNEY|HAD_JOURNEY]->(j)
  WHERE j.as_of = n.as_of
  RETURN j ORDER BY type(kind) DESC LIMIT 1
}
RETURN f {
    .*, first_order_at: f.first_order_at.epochMillis, previous_order_at: f.previous_order_at.epochMillis,
    last_order_at: f.last_order_at.epochMillis, last_activity_at: f.last_activity_at.epochMillis,
    as_of: f.as_of.epochMillis, built_at: f.built_at.epochMillis, mean_gap_days: f.mean_gap_days
  } AS features,
  n {
    .churn_score, .predicted_ltv, .predicted_ltv_90, .predicted_ltv_365, .currency, .segment, .recency_days, .tenure_days,
    .spend_ratio, .horizon_days, .model_version, .model_source, .recommended,
    as_of: n.as_of.epochMillis, scored_at: n.scored_at.epochMillis
  } AS prediction,
  j {
    .stage, .score, .next_best_action, as_of: j.as_of.epochMillis,
    previous_stage: j.previous_stage, previous_score: j.previous_score
  } AS journey
