// Which entries ids of others lead from, whose founding event was erased. in: plan (one map): rows [{profile (key), founded_by}]
UNWIND $plan.rows AS row
MATCH (p:ProfileId {key: row.profile})
SET p.founded_by = row.founded_by
