// Puts an automation in the place of the one with its key, as its next version.
// in: asked (one map): row {set, updated_at} (epoch milliseconds); out: automation, no row when there is none
MATCH (a:Automation {key: $asked.row.set.key})
REMOVE a.lock
WITH a, a.version AS version
SET a += $asked.row.set, a.version = version + 1, a.updated_at = datetime({epochMillis: $asked.row.updated_at})
RETURN a {.*, created_at: a.created_at.epochMillis, updated_at: a.updated_at.epochMillis} AS automation
