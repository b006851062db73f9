// When something came of a sender last. in: asked (one map): key, now (epoch milliseconds)
MATCH (n:Sender {key: $asked.key})
SET n.delivered_at = datetime({epochMillis: $asked.now})
