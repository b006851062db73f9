// A brand's own models, the newest first. in: brand_id, before (epoch milliseconds) and after (id: where the page before ended), limit
// out: model
MATCH (m:Model)
WHERE m.brand_id = $brand_id AND m.created_at <= datetime({epochMillis: $before})
  AND (m.created_at < datetime({epochMillis: $before}) OR m.model_id > $after)
WITH m ORDER BY m.created_at DESC, m.model_id LIMIT $limit
RETURN m {
  .model_id, .parent_id, .replaced_id, .kind, .status, .horizon_days, .seed, .customers, .data_hash, .parameters, .libraries, .metrics, .reasons,
  created_at: m.created_at.epochMillis, promoted_at: m.promoted_at.epochMillis,
  window_from: m.window_from.epochMillis, window_to: m.window_to.epochMillis
} AS model
