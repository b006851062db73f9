// Claims queued messages that are due, each for one sender and for a while, and at most one to an address at a time.
// `unsure` says that an earlier call may have sent it. A claim that ran out before any call was no attempt.
// in: asked (one map): brand_id, clock (epoch milliseconds of the job), claimant, claim_ms, automations [ids] (null: all),
//     providers {channel: name}, limit
// out: message, began, products
MATCH (c:CampaignExecution)
WHERE c.brand_id = $asked.brand_id AND c.due <= datetime.realtime().epochMillis
  AND c.not_before <= $asked.clock AND ($asked.automations IS NULL OR c.automation_id IN $asked.automations)
  AND NOT EXISTS { MATCH (other:CampaignExecution {in_flight: c.address}) WHERE other <> c }
WITH c ORDER BY c.brand_id, c.due LIMIT $asked.limit
WITH c.address AS address, collect(c)[0] AS c
REMOVE c.lock
WITH c, datetime.realtime().epochMillis AS now
WHERE c.due <= now AND c.status = 'queued'
WITH c, now, coalesce(c.unsure, false) AS unsure, c.in_flight IS NOT NULL AS held
SET c.in_flight = c.address, c.claimed_by = $asked.claimant, c.due = now + $asked.claim_ms,
    c.attempts = c.attempts + CASE WHEN held AND NOT unsure THEN 0 ELSE 1 END,
    c.first_claimed_at = coalesce(c.first_claimed_at, now),
    c.provider = CASE WHEN unsure THEN c.provider ELSE $asked.providers[c.channel] END
WITH c, unsure
MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
RETURN c {
  .key, .campaign_id, .automation_id, .profile_id, .channel, .provider, .to, .subject, .body, .content_sid, .content_variables,
  .attempts, .first_claimed_at, unsure: unsure, queued_as_of: c.as_of.epochMillis,
  batch_id: x.batch_id
} AS message, x.began AS began, x.products AS products
