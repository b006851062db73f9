// Lets go of reports that nobody's message was found for. in: asked (one map): brand_id, before (epoch milliseconds), limit; out: deleted
MATCH (r:DeliveryReport)
WHERE r.brand_id = $asked.brand_id AND r.received_at < datetime({epochMillis: $asked.before})
WITH r LIMIT $asked.limit
DELETE r
RETURN count(*) AS deleted
