// The run of a brand that is under way. in: brand_id; out: run
MATCH (r:RulesRun {under_way: $brand_id})
RETURN r {
  .*, begun_at: r.begun_at.epochMillis, not_before: r.not_before.epochMillis, updated_at: r.updated_at.epochMillis,
  finished_at: r.finished_at.epochMillis
} AS run
