// Lets go of what was learnt of ids that are no person any more (absorbed, or tombstones): a page of them.
// in: plan (one map): brand_id, after (the last profile id of the page before, or ''), limit; out: one row {last, forgotten}
MATCH (f:FeatureSet)
WHERE f.brand_id = $plan.brand_id AND f.profile_id > $plan.after
WITH f ORDER BY f.brand_id, f.profile_id LIMIT $plan.limit
WITH collect(f) AS page, max(f.profile_id) AS last
CALL (page) {
  UNWIND page AS f
  OPTIONAL MATCH (p:ProfileId {key: f.key})
  WITH f, p WHERE p IS NULL OR NOT p:Profile
  OPTIONAL MATCH (n:Prediction {key: f.key})
  OPTIONAL MATCH (j:CustomerJourney {key: f.key})
  DETACH DELETE f, n, j
  RETURN count(*) AS forgotten
}
RETURN last, forgotten
