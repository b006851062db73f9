// Gives back claims of messages for which no channel was called: that was no attempt. One that may have been sent before, and that
// nobody has asked for yet, holds its address.
// in: asked (one map): brand_id, claimant, pause_ms (until the next try), rows [{campaign (key), unsure (as it was before),
//     not_before (epoch milliseconds, null: as it is), reason}]
UNWIND $asked.rows AS row
MATCH (c:CampaignExecution {key: row.campaign})
WHERE c.brand_id = $asked.brand_id
REMOVE c.lock
WITH c, row
WHERE c.claimed_by = $asked.claimant AND c.status = 'queued'
SET c.due = datetime.realtime().epochMillis + $asked.pause_ms, c.attempts = CASE WHEN c.attempts > 0 THEN c.attempts - 1 ELSE 0 END,
    c.not_before = coalesce(row.not_before, c.not_before), c.reason = row.reason,
    c.unsure = CASE WHEN row.unsure THEN true END
REMOVE c.claimed_by
SET c.in_flight = CASE WHEN row.unsure AND row.not_before IS NULL THEN c.in_flight END
