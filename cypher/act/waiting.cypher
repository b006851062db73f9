// Executions of a batch that are neither queued nor skipped. in: asked (one map): batch (key), limit; out: execution
MATCH (x:AutomationExecution)
WHERE x.waits_in = $asked.batch AND x.execution_id >= ''
WITH x ORDER BY x.waits_in, x.execution_id LIMIT $asked.limit
REMOVE x.lock
WITH x
WHERE x.waits_in = $asked.batch
RETURN x {.key, .execution_id, .profile_id, .batch_id, .began, .products} AS execution
