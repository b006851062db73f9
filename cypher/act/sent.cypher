// Records that a message was sent, with the provider's id of it. Whoever knows it says so, also when the claim is another's by
// now; what is further along stays.
// in: asked (one map): brand_id, campaign (key), claimant, message_id, message_key, now (epoch milliseconds)
MATCH (c:CampaignExecution {key: $asked.campaign})
WHERE c.brand_id = $asked.brand_id
REMOVE c.lock
WITH c
WHERE c.message_id IS NULL AND c.status IN ['queued', 'failed'] AND ($asked.message_id IS NOT NULL OR c.claimed_by = $asked.claimant)
SET c.message_id = $asked.message_id, c.message_key = $asked.message_key, c.status = 'sent',
    c.sent_at = datetime({epochMillis: $asked.now})
REMOVE c.due, c.in_flight, c.claimed_by, c.reason, c.unsure, c.failed_at
WITH c
MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
SET x.status = 'executed', x.finished_at = datetime({epochMillis: $asked.now})
REMOVE x.reason
