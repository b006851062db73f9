// Times are epoch milliseconds. A run under lock, if it is under way still. in: brand_id, run_id; out: run
MATCH (r:RulesRun {key: $brand_id + '|' + $run_id})
REMOVE r.lock
WITH r WHERE r.under_way IS NOT NULL
RETURN r {
  .*, begun_at: r.begun_at.epochMillis, not_before: r.not_before.epochMillis, updated_at: r.updated_at.epochMillis,
  finished_at: r.finished_at.epochMillis
} AS run
