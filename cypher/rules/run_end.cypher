// The end of a run. The place that it had come to may be an identifier, and is not kept.
// in: brand_id, run_id, status, partition (text, may be null); out: run_id; no row when it had ended
MATCH (r:RulesRun {key: $brand_id + '|' + $run_id})
REMOVE r.lock
WITH r WHERE r.under_way IS NOT NULL
SET r.status = $status, r.finished_at = datetime(), r.partition_after = $partition, r.after = ''
REMOVE r.under_way
RETURN r.run_id AS run_id
