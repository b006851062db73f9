// When a key was used last. in: asked (one map): key, now (epoch milliseconds)
MATCH (n:ApiKey {key: $asked.key})
SET n.last_used_at = datetime({epochMillis: $asked.now})
