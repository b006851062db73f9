// Batches that are still gathered, also those that a killed run left behind. in: brand_id; out: automation_id, open_of
MATCH (b:AutomationBatch)
WHERE b.brand_id = $brand_id AND b.unsettled = true AND b.open_of IS NOT NULL
RETURN b.automation_id AS automation_id, b.open_of AS open_of
