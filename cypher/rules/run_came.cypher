// How far a run came. in: brand_id, run_id, came (a map of its properties)
MATCH (r:RulesRun {key: $brand_id + '|' + $run_id})
SET r += $came, r.updated_at = datetime()
