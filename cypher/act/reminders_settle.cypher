// Records what became of a claimed reminder: sent, failed (it is parked then), or queued for another try.
// in: asked (one map): brand_id, reminder (key), claimant, status, reason, pause_ms (until the next try)
MATCH (r:Reminder {key: $asked.reminder})
WHERE r.brand_id = $asked.brand_id
REMOVE r.lock
WITH r
WHERE r.claimed_by = $asked.claimant AND r.status = 'queued'
SET r.status = $asked.status, r.reason = $asked.reason,
    r.due = CASE $asked.status WHEN 'queued' THEN datetime.realtime().epochMillis + $asked.pause_ms END,
    r.sent_at = CASE $asked.status WHEN 'sent' THEN datetime.realtime() END
REMOVE r.claimed_by, r.called
