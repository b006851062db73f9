// Notes that the channel is called for a message now: from here on it may have been sent. Only while the claim is ours and holds
// for long enough.
// in: asked (one map): brand_id, campaign (key), claimant, least_ms (what must be left of the claim), content_sid and
//     content_variables (as it goes out); out: one row when it may be called, else none
MATCH (c:CampaignExecution {key: $asked.campaign})
WHERE c.brand_id = $asked.brand_id
REMOVE c.lock
WITH c
WHERE c.claimed_by = $asked.claimant AND c.status = 'queued' AND c.due >= datetime.realtime().epochMillis + $asked.least_ms
SET c.unsure = true, c.content_sid = $asked.content_sid, c.content_variables = $asked.content_variables
RETURN true AS ours
