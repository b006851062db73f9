// Stores features, one set a person; who was absorbed or erased meanwhile gets none, also while their lock was waited for.
// in: plan (one map): rows [{set, times (name -> [epoch milliseconds] or [])}]
UNWIND $plan.rows AS row
MATCH (p:ProfileId {key: row.set.key})
REMOVE p.lock
WITH p, row
WHERE p:Profile
MERGE (f:FeatureSet {key: row.set.key})
SET f = row.set
FOREACH (at IN row.times.as_of | SET f.as_of = datetime({epochMillis: at}))
FOREACH (at IN row.times.built_at | SET f.built_at = datetime({epochMillis: at}))
FOREACH (at IN row.times.first_order_at | SET f.first_order_at = datetime({epochMillis: at}))
FOREACH (at IN row.times.previous_order_at | SET f.previous_order_at = datetime({epochMillis: at}))
FOREACH (at IN row.times.last_order_at | SET f.last_order_at = datetime({epochMillis: at}))
FOREACH (at IN row.times.last_activity_at | SET f.last_activity_at = datetime({epochMillis: at}))
MERGE (p)-[:HAS_FEATURES]->(f)
