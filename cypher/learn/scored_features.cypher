// The features behind the prediction of who answers for a profile id, and its clock.
// in: brand_id, profile_id; out: features, as_of (epoch milliseconds)
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
MATCH (p)-[:HAS_FEATURES]->(f:FeatureSet)
MATCH (p)-[:HAS_PREDICTION]->(n:Prediction)
RETURN n.as_of.epochMillis AS as_of, f {
  .profile_id, .currency, .orders, .frequency, .spend_minor, .monetary_minor, .gap_squares, .activities,
  first_order_at: f.first_order_at.epochMillis, previous_order_at: f.previous_order_at.epochMillis,
  last_order_at: f.last_order_at.epochMillis, last_activity_at: f.last_activity_at.epochMillis
} AS features
