// Locks the first ids of a brand that `identity.changes` has not told of yet. They are looked at again once they are locked
// (publish/changes): somebody else may have told of them meanwhile. in: brand_id, limit; out: key
MATCH (p:ProfileId)
WHERE p.brand_id = $brand_id AND p.untold >= 0
WITH p ORDER BY p.brand_id, p.untold LIMIT $limit
WITH p ORDER BY p.key
REMOVE p.lock
RETURN p.key AS key
