// What merges show of before and after. in: plan (one map): rows [{key, before, after}]
UNWIND $plan.rows AS row
MATCH (h:MergeHistory {key: row.key})
SET h.before = row.before, h.after = row.after
