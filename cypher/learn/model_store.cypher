// Keeps a trained model; one that is kept already stays as it is.
// in: plan (one map): set {key, ...}, created_at, window_from, window_to (epoch milliseconds)
MERGE (m:Model {key: $plan.set.key})
  ON CREATE SET m = $plan.set, m.created_at = datetime({epochMillis: $plan.created_at}),
    m.window_from = datetime({epochMillis: $plan.window_from}), m.window_to = datetime({epochMillis: $plan.window_to})
