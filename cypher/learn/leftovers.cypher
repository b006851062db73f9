// Lets go of what was learnt of ids that are no person any more (absorbed, or tombstones), among a page of features.
// in: plan (one map): brand_id, after (the last profile id of the page before, or ''), limit; out: profile_id, gone (0 or 1)
MATCH (f:FeatureSet)
WHERE f.brand_id = $plan.brand_id AND f.profile_id > $plan.after
WITH f ORDER BY f.brand_id, f.profile_id LIMIT $plan.limit
OPTIONAL MATCH (p:ProfileId {key: f.key})
WITH f, f.profile_id AS profile_id, coalesce(p:Profile, false) AS person
CALL (f, person) {
  WITH f, person WHERE NOT person
  OPTIONAL MATCH (n:Prediction {key: f.key})
  OPTIONAL MATCH (j:CustomerJourney {key: f.key})
  DETACH DELETE f, n, j
  RETURN count(*) AS gone
}
RETURN profile_id, gone ORDER BY profile_id
