// Stores a new automation; one that is there already stays as it is.
// in: asked (one map): row {set, created_at, updated_at} (epoch milliseconds); out: automation (as it stands)
MERGE (a:Automation {key: $asked.row.set.key})
ON CREATE SET a = $asked.row.set, a.created_at = datetime({epochMillis: $asked.row.created_at}),
    a.updated_at = datetime({epochMillis: $asked.row.updated_at})
RETURN a {.*, created_at: a.created_at.epochMillis, updated_at: a.updated_at.epochMillis} AS automation
