// Makes one model the champion of a brand, or none (then the starter scores); who was it before is retired.
// in: plan (one map): brand_id, promoted [key] (or none), at (epoch milliseconds); out: one row {promoted}
MERGE (b:Brand {brand_id: $plan.brand_id})
REMOVE b.lock
WITH b
CALL (b) {
  MATCH (old:Model)
  WHERE old.brand_id = $plan.brand_id AND old.status = 'champion' AND NOT old.key IN $plan.promoted
  SET old.status = 'retired'
}
CALL (b) {
  UNWIND $plan.promoted AS key
  MATCH (m:Model {key: key})
  SET m.status = 'champion', m.promoted_at = datetime({epochMillis: $plan.at})
  RETURN count(m) AS promoted
}
RETURN promoted
