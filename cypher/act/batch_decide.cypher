// A person's decision on a batch that waits. in: asked (one map): brand_id, batch (key), status (approved or rejected), note,
// now (epoch milliseconds); out: one row {status (now), people, decided}, none for no such batch
MATCH (b:AutomationBatch {key: $asked.batch})
WHERE b.brand_id = $asked.brand_id
REMOVE b.lock
WITH b, b.status = 'waiting' AS waits
FOREACH (one IN CASE WHEN waits THEN [b] ELSE [] END |
  SET one.status = $asked.status, one.note = $asked.note, one.decided_at = datetime({epochMillis: $asked.now}))
RETURN b.status AS status, b.people AS people, waits AS decided
