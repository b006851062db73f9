// Forgets who was inside of a deleted automation, a bounded number at a time.
// in: asked (one map): brand_id, automation_id, limit; out: deleted
MATCH (s:TriggerState)
WHERE s.brand_id = $asked.brand_id AND s.automation_id = $asked.automation_id
WITH s LIMIT $asked.limit
DETACH DELETE s
RETURN count(*) AS deleted
