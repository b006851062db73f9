// Queues a failed message once more, because a person asked for it.
// in: asked (one map): brand_id, campaign (key); out: one row {status (before), redriven}, none for no such message
MATCH (c:CampaignExecution {key: $asked.campaign})
WHERE c.brand_id = $asked.brand_id
REMOVE c.lock
WITH c, c.status AS status
FOREACH (again IN CASE WHEN status = 'failed' AND c.message_id IS NULL THEN [c] ELSE [] END |
  SET again.status = 'queued', again.due = 0, again.attempts = 0, again.not_before = 0
  REMOVE again.failed_at, again.reason)
WITH c, status
OPTIONAL MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
FOREACH (again IN CASE WHEN c.status <> status THEN [x] ELSE [] END | SET again.status = 'triggered' REMOVE again.reason, again.finished_at)
RETURN status, c.status <> status AS redriven
