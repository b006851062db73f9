// What a brand says of a sender from now on. A sender makes its brand exist, as any first write does.
// in: asked (one map): brand_id, key, now, set {every property but the times, and those that stay}. Times are epoch milliseconds.
MERGE (:Brand {brand_id: $asked.brand_id})
MERGE (n:Sender {key: $asked.key})
SET n += $asked.set, n.changed_at = datetime({epochMillis: $asked.now})
