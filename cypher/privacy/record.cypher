// What is kept of an erasure. in: plan (one map): set, at (epoch milliseconds)
CREATE (n:Erasure)
SET n = $plan.set, n.erased_at = datetime({epochMillis: $plan.at})
