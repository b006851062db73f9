// Notes what people asked for, or a shop for itself, and waits for an admin; told again it is the same. in: plan (one map): set, at (epoch milliseconds)
MERGE (n:DataRequest {key: $plan.set.key})
  ON CREATE SET n = $plan.set, n.asked_at = datetime({epochMillis: $plan.at})
