// Claims reminders that are due, for one sender and for a while. `called` says that an earlier call may have sent it.
// in: asked (one map): brand_id, claimant, claim_ms, limit; out: reminder
MATCH (r:Reminder)
WHERE r.brand_id = $asked.brand_id AND r.due <= datetime.realtime().epochMillis
WITH r ORDER BY r.brand_id, r.due LIMIT $asked.limit
REMOVE r.lock
WITH r, datetime.realtime().epochMillis AS now
WHERE r.due <= now AND r.status = 'queued'
SET r.claimed_by = $asked.claimant, r.due = now + $asked.claim_ms, r.attempts = r.attempts + 1
RETURN r {.key, .brand_id, .reminder_id, .way, .to, .subject, .body, .attempts, called: coalesce(r.called, false)} AS reminder
