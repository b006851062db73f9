// A brand's runs, the newest first, from behind a place in that order. in: brand_id, before (epoch milliseconds), after (id), limit
// out: run
MATCH (r:RulesRun)
WHERE r.brand_id = $brand_id AND r.begun_at <= datetime({epochMillis: $before})
  AND (r.begun_at < datetime({epochMillis: $before}) OR r.run_id > $after)
RETURN r {
  .*, begun_at: r.begun_at.epochMillis, not_before: r.not_before.epochMillis, updated_at: r.updated_at.epochMillis,
  finished_at: r.finished_at.epochMillis
} AS run ORDER BY r.begun_at DESC, r.run_id LIMIT $limit
