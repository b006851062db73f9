// Gives a brand the automations that each begins with, once for ever: one that is deleted later never comes back.
// in: asked (one map): brand_id, rows [{set, created_at, updated_at}] (epoch milliseconds)
MATCH (b:Brand {brand_id: $asked.brand_id})
REMOVE b.lock
WITH b
WHERE b.automations_seeded IS NULL
SET b.automations_seeded = true
WITH b
UNWIND $asked.rows AS row
CREATE (a:Automation)
SET a = row.set, a.created_at = datetime({epochMillis: row.created_at}), a.updated_at = datetime({epochMillis: row.updated_at})
