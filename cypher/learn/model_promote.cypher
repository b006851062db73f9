// Makes one model the champion of a brand, or none (then the starter scores); who was it before is retired, and the new one
// remembers whom it took the place of. The brand remembers all before, the last one last: a model may come back.
// in: plan (one map): brand_id, promoted [key] (or none), starter (its name), at (epoch milliseconds), remembered (how many),
//     instead_of (the id of who has to be the champion now, or the starter's name; null: whoever)
// out: one row {promoted}, none when the champion is another
MERGE (b:Brand {brand_id: $plan.brand_id})
REMOVE b.lock
WITH b
CALL (b) {
  OPTIONAL MATCH (now:Model)
  WHERE now.brand_id = $plan.brand_id AND now.status = 'champion'
  RETURN coalesce(head(collect(now.model_id)), $plan.starter) AS champion
}
WITH b, champion
WHERE $plan.instead_of IS NULL OR champion = $plan.instead_of
SET b.scored_before = CASE WHEN $plan.promoted = CASE champion WHEN $plan.starter THEN [] ELSE [$plan.brand_id + '|' + champion] END
  THEN b.scored_before ELSE coalesce(b.scored_before, [])[-$plan.remembered..] + champion END
WITH b
CALL (b) {
  OPTIONAL MATCH (old:Model)
  WHERE old.brand_id = $plan.brand_id AND old.status = 'champion' AND NOT old.key IN $plan.promoted
  SET old.status = 'retired'
  RETURN collect(old.model_id) AS replaced
}
CALL (b, replaced) {
  UNWIND $plan.promoted AS key
  MATCH (m:Model {key: key})
  FOREACH (new IN CASE m.status WHEN 'champion' THEN [] ELSE [m] END |
    SET new.status = 'champion', new.promoted_at = datetime({epochMillis: $plan.at}),
      new.replaced_id = coalesce(head(replaced), $plan.starter))
  RETURN count(m) AS promoted
}
RETURN promoted
