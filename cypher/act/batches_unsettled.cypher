// Batches whose executions are to be queued, or skipped when a person rejected them.
// in: brand_id; out: key, automation_id, status
MATCH (b:AutomationBatch)
USING INDEX SEEK b:AutomationBatch(brand_id, unsettled)
WHERE b.brand_id = $brand_id AND b.unsettled = true
WITH b
WHERE b.status IN ['released', 'approved', 'rejected']
RETURN b.key AS key, b.automation_id AS automation_id, b.status AS status
