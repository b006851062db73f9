// Keeps a drift report, one a moment; and of the older ones the last so many.
// in: plan (one map): set {key, ...}, as_of (epoch milliseconds), brand_id, keep
MERGE (d:DriftReport {key: $plan.set.key})
SET d = $plan.set, d.as_of = datetime({epochMillis: $plan.as_of})
WITH d
MATCH (old:DriftReport)
WHERE old.brand_id = $plan.brand_id AND old.as_of <= d.as_of
WITH old ORDER BY old.as_of DESC SKIP $plan.keep
DETACH DELETE old
