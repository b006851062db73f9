// Holds the lease of a running job for longer, and notes how far the run came.
// in: asked (one map): brand_id, lease and run (keys), lease_ms, progress (JSON); out: one row, none when the lease was lost
MATCH (l:JobLease {key: $asked.lease})
REMOVE l.lock
WITH l
WHERE l.run = $asked.run AND l.brand_id = $asked.brand_id
SET l.until = datetime.realtime().epochMillis + $asked.lease_ms
WITH l
MATCH (r:JobRun {key: $asked.run})
SET r.progress = $asked.progress
RETURN true AS held
