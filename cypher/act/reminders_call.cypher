// Notes that a mail server is called for a reminder now: from here on it may have been sent. Only while the claim is ours.
// in: asked (one map): brand_id, reminder (key), claimant; out: one row when it may be called, else none
MATCH (r:Reminder {key: $asked.reminder})
WHERE r.brand_id = $asked.brand_id
REMOVE r.lock
WITH r
WHERE r.claimed_by = $asked.claimant AND r.status = 'queued'
SET r.called = true
RETURN true AS ours
