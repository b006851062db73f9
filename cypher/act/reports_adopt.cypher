// Gives messages the provider's id that a report of them names, where whoever sent them never heard it: they were sent.
// in: asked (one map): keys (of reports), now (epoch milliseconds)
UNWIND $asked.keys AS key
MATCH (r:DeliveryReport {key: key})
WHERE r.campaign IS NOT NULL AND NOT EXISTS { MATCH (:CampaignExecution {message_key: r.message_key}) }
MATCH (c:CampaignExecution {key: r.campaign})
WHERE c.brand_id = r.brand_id
REMOVE c.lock
WITH r, c
WHERE c.message_id IS NULL AND c.unsure AND c.status IN ['queued', 'failed']
SET c.message_id = r.message_id, c.message_key = r.message_key, c.status = 'sent', c.sent_at = datetime({epochMillis: $asked.now})
REMOVE c.due, c.in_flight, c.claimed_by, c.reason, c.unsure, c.failed_at
WITH c
MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
SET x.status = 'executed', x.finished_at = datetime({epochMillis: $asked.now})
REMOVE x.reason
