// Takes the lease of a brand's job and begins a run of it, unless another run holds the lease or one began lately.
// A run whose process ended without a word is marked as interrupted. One that did not come to its end is due again at once,
// and one that failed once `again_ms` have passed. What lies ahead of the clock was written while that was wrong, and would hold
// a job back until then: no run, and no lease of an hour more than ours.
// in: asked (one map): brand_id, lease and run (keys), job, run_id, lease_ms, as_of (epoch milliseconds), pause_ms (least time
//     since the last run's beginning), again_ms (the same, of a run that failed)
// out: one row {started_at (epoch milliseconds)}, or none
MERGE (l:JobLease {key: $asked.lease})
  ON CREATE SET l.brand_id = $asked.brand_id
REMOVE l.lock
WITH l, datetime.realtime().epochMillis AS now
WHERE coalesce(l.until, 0) <= now OR l.until > now + $asked.lease_ms + 3600000
CALL (now) {
  OPTIONAL MATCH (last:JobRun)
  WHERE last.brand_id = $asked.brand_id AND last.job = $asked.job AND last.started_at <= datetime({epochMillis: now})
  WITH last ORDER BY last.brand_id DESC, last.job DESC, last.started_at DESC LIMIT 1
  WITH last.status AS status, last.started_at.epochMillis AS began
  RETURN CASE status WHEN 'done' THEN began + $asked.pause_ms WHEN 'failed' THEN began + $asked.again_ms ELSE 0 END AS due
}
WITH l, now, due
WHERE $asked.pause_ms = 0 OR due <= now
OPTIONAL MATCH (old:JobRun {key: l.run})
FOREACH (gone IN CASE old.status WHEN 'running' THEN [old] ELSE [] END |
  SET gone.status = 'interrupted', gone.finished_at = datetime({epochMillis: now}))
SET l.until = now + $asked.lease_ms, l.run = $asked.run
CREATE (r:JobRun {
  key: $asked.run, brand_id: $asked.brand_id, run_id: $asked.run_id, job: $asked.job, status: 'running',
  as_of: datetime({epochMillis: $asked.as_of}), started_at: datetime({epochMillis: now})
})
RETURN now AS started_at
