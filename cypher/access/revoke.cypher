// Revokes a key; one that was revoked stays as it was. in: asked (one map): key, now (epoch milliseconds)
MATCH (n:ApiKey {key: $asked.key})
SET n.revoked_at = coalesce(n.revoked_at, datetime({epochMillis: $asked.now}))
