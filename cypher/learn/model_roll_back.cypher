// Retires the champion of a brand for whom it took the place of, who stands again for whom it had taken the place of then; when that
// is none of the brand's own, the starter scores.
// in: plan (one map): brand_id, at (epoch milliseconds), instead_of (the id of who has to be the champion; null: whoever)
// out: model_id (of the retired one), or no row
MERGE (b:Brand {brand_id: $plan.brand_id})
REMOVE b.lock
WITH b
MATCH (m:Model)
WHERE m.brand_id = $plan.brand_id AND m.status = 'champion'
  AND ($plan.instead_of IS NULL OR m.model_id = $plan.instead_of)
SET m.status = 'retired', b.scored_before = b.scored_before[..-1]
WITH b, m
OPTIONAL MATCH (before:Model {key: $plan.brand_id + '|' + m.replaced_id})
SET before.status = 'champion', before.promoted_at = datetime({epochMillis: $plan.at}),
    before.replaced_id = coalesce(last(b.scored_before), before.replaced_id)
RETURN m.model_id AS model_id
