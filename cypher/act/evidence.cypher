// What made people enter a trigger that their predictions say they are inside of: how much came between the last prediction that
// did not say so (or the beginning) and the first one that did, and how much of that was brought in after the fact.
// in: asked (one map): brand_id, profiles [ids], segment, threshold (one of the two is null); out: profile_id, came, backfilled
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})-[:HAS_PREDICTION]->(s:Prediction)
USING INDEX SEEK p:ProfileId(key)
CALL (p, s) {
  OPTIONAL MATCH (p)-[:HAD_PREDICTION]->(h:PredictionHistory)
  WHERE h.as_of < s.as_of AND NOT coalesce(h.segment = $asked.segment, h.churn_score >= $asked.threshold)
  WITH h ORDER BY h.as_of DESC LIMIT 1
  RETURN h AS outside
}
CALL (p, s, outside) {
  OPTIONAL MATCH (p)-[:HAD_PREDICTION]->(h:PredictionHistory)
  WHERE h.as_of < s.as_of AND coalesce(h.as_of > outside.as_of, true)
  WITH h ORDER BY h.as_of LIMIT 1
  RETURN coalesce(h.features_clock, s.features_clock) AS until
}
CALL (p, outside, until) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WHERE e.clock > coalesce(outside.features_clock, -1) AND e.clock <= until
  RETURN count(e) AS came, count(e.backfill) AS backfilled
}
RETURN id AS profile_id, came, backfilled
