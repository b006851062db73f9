// Queues a parked reminder once more, because a person asked for it.
// in: asked (one map): brand_id, reminder_id; out: one row {status (before), again}, none for no such reminder
MATCH (r:Reminder)
WHERE r.brand_id = $asked.brand_id AND r.reminder_id = $asked.reminder_id
REMOVE r.lock
WITH r, r.status AS status
FOREACH (parked IN CASE status WHEN 'failed' THEN [r] ELSE [] END |
  SET parked.status = 'queued', parked.due = 0, parked.attempts = 0
  REMOVE parked.reason, parked.called)
RETURN status, status = 'failed' AS again
