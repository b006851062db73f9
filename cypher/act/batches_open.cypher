// Batches that are still gathered, also those that a killed run left behind. in: brand_id; out: automation_id, open_of
MATCH (b:AutomationBatch)
USING INDEX SEEK b:AutomationBatch(brand_id, unsettled)
WHERE b.brand_id = $brand_id AND b.unsettled = true
WITH b
WHERE b.status = 'open'
RETURN b.automation_id AS automation_id, b.open_of AS open_of
