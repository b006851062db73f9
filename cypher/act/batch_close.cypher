// Ends the gathering of an automation's open batch: it is released, or waits for a person when it would reach too many.
// in: asked (one map): brand_id, automation (key), most (people); out: one row {batch_id, status, people}, none when none is open
MATCH (b:AutomationBatch {open_of: $asked.automation})
WHERE b.brand_id = $asked.brand_id
REMOVE b.lock
WITH b
CALL (b) {
  MATCH (x:AutomationExecution)
  WHERE x.waits_in = b.key AND x.execution_id >= ''
  RETURN count(DISTINCT x.profile_id) AS people
}
SET b.people = people, b.status = CASE WHEN people > $asked.most THEN 'waiting' ELSE 'released' END
REMOVE b.open_of
RETURN b.batch_id AS batch_id, b.status AS status, people
