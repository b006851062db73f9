// Queues a failed message once more, because a person asked for it. That it may have been sent is forgotten when another provider
// is configured by now: the new one cannot know, and the person has looked.
// in: asked (one map): brand_id, campaign (key), providers {channel: name}
// out: one row {status (before), redriven}, none for no such message
MATCH (c:CampaignExecution {key: $asked.campaign})
WHERE c.brand_id = $asked.brand_id
REMOVE c.lock
WITH c, c.status AS status
FOREACH (again IN CASE WHEN status = 'failed' AND c.message_id IS NULL THEN [c] ELSE [] END |
  SET again.status = 'queued', again.due = 0, again.attempts = 0, again.not_before = 0,
      again.unsure = CASE again.provider WHEN $asked.providers[again.channel] THEN again.unsure END
  REMOVE again.failed_at, again.reason)
WITH c, status
OPTIONAL MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
FOREACH (again IN CASE WHEN c.status <> status THEN [x] ELSE [] END | SET again.status = 'triggered' REMOVE again.reason, again.finished_at)
RETURN status, c.status <> status AS redriven
