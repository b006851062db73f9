// Stores a new automation. in: asked (one map): row {set, created_at, updated_at} (epoch milliseconds)
CREATE (a:Automation)
SET a = $asked.row.set, a.created_at = datetime({epochMillis: $asked.row.created_at}),
    a.updated_at = datetime({epochMillis: $asked.row.updated_at})
