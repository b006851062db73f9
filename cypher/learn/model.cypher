// One of a brand's models. in: brand_id, model_id; out: model (with its card)
MATCH (m:Model {key: $brand_id + '|' + $model_id})
RETURN m {
  .model_id, .parent_id, .replaced_id, .kind, .status, .horizon_days, .seed, .customers, .data_hash, .parameters, .libraries, .metrics, .reasons, .card,
  created_at: m.created_at.epochMillis, promoted_at: m.promoted_at.epochMillis,
  window_from: m.window_from.epochMillis, window_to: m.window_to.epochMillis
} AS model
