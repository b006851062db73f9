// Records that a claimed message was not sent: it is tried again later, or it failed, or its occasion is gone.
// in: asked (one map): brand_id, campaign (key), claimant, status (queued or failed), execution (the status of its execution,
//     null when it stays), reason, pause_ms (until the next try), unsure, holds (its address: it may be on its
//     way, and what goes to the same address would be taken for it, or it for that), now (epoch milliseconds)
MATCH (c:CampaignExecution {key: $asked.campaign})
WHERE c.brand_id = $asked.brand_id
REMOVE c.lock
WITH c
WHERE c.claimed_by = $asked.claimant AND c.status = 'queued'
SET c.status = $asked.status, c.reason = $asked.reason, c.due = datetime.realtime().epochMillis + $asked.pause_ms,
    c.unsure = CASE WHEN $asked.unsure THEN true END
REMOVE c.claimed_by
SET c.in_flight = CASE WHEN $asked.holds THEN c.in_flight END
FOREACH (over IN CASE $asked.status WHEN 'failed' THEN [c] ELSE [] END |
  SET over.failed_at = datetime({epochMillis: $asked.now}) REMOVE over.due)
WITH c
WHERE $asked.execution IS NOT NULL
MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
SET x.status = $asked.execution, x.reason = $asked.reason, x.finished_at = datetime({epochMillis: $asked.now})
