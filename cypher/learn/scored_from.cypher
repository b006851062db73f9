// The stored prediction of who answers for a profile id: its clock, the features it was made from as they were then, and the
// model that made it, when that is the brand's own.
// in: brand_id, profile_id; out: as_of (epoch milliseconds), scored_from (JSON), model_source, model_id, model (JSON)
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
MATCH (p)-[:HAS_PREDICTION]->(n:Prediction)
OPTIONAL MATCH (m:Model {key: $brand_id + '|' + n.model_version})
RETURN n.as_of.epochMillis AS as_of, n.scored_from AS scored_from, n.model_source AS model_source, n.model_version AS model_id,
  m.model AS model
