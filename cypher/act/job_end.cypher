// Notes how a run ended and gives its lease back, and lets go of the oldest runs of the job.
// in: asked (one map): brand_id, lease and run (keys), job, status, result (JSON), error, keep (how many runs)
MATCH (r:JobRun {key: $asked.run})
SET r.status = $asked.status, r.result = $asked.result, r.error = $asked.error, r.finished_at = datetime.realtime(),
    r.took_ms = datetime.realtime().epochMillis - r.started_at.epochMillis
REMOVE r.progress
WITH r
OPTIONAL MATCH (l:JobLease {key: $asked.lease})
FOREACH (held IN CASE l.run WHEN $asked.run THEN [l] ELSE [] END | SET held.until = 0)
WITH r
CALL () {
  MATCH (old:JobRun)
  WHERE old.brand_id = $asked.brand_id AND old.job = $asked.job AND old.started_at IS NOT NULL
  WITH old ORDER BY old.brand_id DESC, old.job DESC, old.started_at DESC SKIP $asked.keep LIMIT 100
  DELETE old
}
RETURN r.took_ms AS took_ms
