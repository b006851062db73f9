// Notes that nothing of a batch waits any more. in: asked (one map): brand_id, batch (key)
MATCH (b:AutomationBatch {key: $asked.batch})
WHERE b.brand_id = $asked.brand_id AND NOT EXISTS { MATCH (x:AutomationExecution {waits_in: $asked.batch}) WHERE x.execution_id >= '' }
REMOVE b.unsettled
