// Begins a run, unless one of the brand is under way (the constraint on under_way is the backstop).
// in: brand_id, run_id, kind, version, by, at, not_before (epoch milliseconds); out: run_id; no row when one is under way
MERGE (b:Brand {brand_id: $brand_id})
REMOVE b.lock
WITH b WHERE NOT EXISTS { MATCH (:RulesRun {under_way: $brand_id}) }
CREATE (r:RulesRun {
  key: $brand_id + '|' + $run_id, brand_id: $brand_id, run_id: $run_id, kind: $kind, version: $version, begun_by: $by,
  begun_at: datetime({epochMillis: $at}), not_before: datetime({epochMillis: $not_before}), status: 'running',
  under_way: $brand_id, phase: 'identifiers', after: '', looked_at: 0, skipped: 0, counts: '{}', examples: '{}', digest: '0'
})
RETURN r.run_id AS run_id
