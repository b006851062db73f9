// The runs of each of some jobs of a brand, the newest first.
// in: brand_id, jobs [names], before and after (epoch milliseconds and run id where the page before ended; the end of time and ''),
//     limit (of each job)
// out: job, runs
UNWIND $jobs AS job
CALL (job) {
  MATCH (r:JobRun)
  WHERE r.brand_id = $brand_id AND r.job = job AND r.started_at <= datetime({epochMillis: $before})
    AND CASE r.started_at WHEN datetime({epochMillis: $before}) THEN r.run_id > $after ELSE true END
  WITH r ORDER BY r.brand_id DESC, r.job DESC, r.started_at DESC, r.run_id LIMIT $limit
  RETURN collect(r {
    .run_id, .job, .status, .result, .progress, .error, .took_ms, as_of: r.as_of.epochMillis,
    started_at: r.started_at.epochMillis, finished_at: r.finished_at.epochMillis
  }) AS runs
}
RETURN job, runs
