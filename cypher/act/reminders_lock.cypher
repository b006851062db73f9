// Lets one run at a time tell a brand's admins, and says which of some reminders are written already.
// in: asked (one map): brand_id, keys; out: one row {made [keys]}, none for no such brand
MATCH (b:Brand {brand_id: $asked.brand_id})
REMOVE b.lock
WITH b
OPTIONAL MATCH (r:Reminder)
WHERE r.key IN $asked.keys
RETURN collect(r.key) AS made
