// What is learnt of the person who answers for a profile id: the last part of three_sixty. in: brand_id, profile_id
// out: features, prediction, journey; no row for nobody
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
OPTIONAL MATCH (p)-[:HAS_FEATURES]->(f:FeatureSet)
OPTIONAL MATCH (p)-[:HAS_PREDICTION]->(n:Prediction)
OPTIONAL MATCH (p)-[:HAS_JOURNEY]->(j:CustomerJourney)
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
