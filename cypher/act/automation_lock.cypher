// One automation, for whoever is about to change it: under lock until the transaction ends.
// in: asked (one map): brand_id, automation_id; out: automation, no row when there is none
MATCH (a:Automation {key: $asked.brand_id + '|' + $asked.automation_id})
REMOVE a.lock
RETURN a {.*, created_at: a.created_at.epochMillis, updated_at: a.updated_at.epochMillis} AS automation
