// Keeps a new key of a brand. in: asked (one map): key, now, set {every other property}. Times are epoch milliseconds.
CREATE (n:ApiKey {key: $asked.key})
SET n += $asked.set, n.created_at = datetime({epochMillis: $asked.now})
