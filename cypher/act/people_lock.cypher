// Takes the write locks of who answers for profile ids today, in the order of their keys (as resolve/neighbourhood does).
// in: asked (one map): brand_id, profiles [ids]; out: locked
UNWIND $asked.profiles AS id
MATCH (:ProfileId {key: $asked.brand_id + '|' + id})-[:MERGED_INTO*0..]->(p:Profile)
WITH DISTINCT p ORDER BY p.key
REMOVE p.lock
RETURN count(p) AS locked
