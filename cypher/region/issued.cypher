// The profile ids that entries founded, and where each leads. in: touched (one map): brand_id, entries [keys]; out: issued
UNWIND $touched.entries AS key
MATCH (p:ProfileId {founded_by: substring(key, size($touched.brand_id) + 1)})
WHERE p.brand_id = $touched.brand_id
OPTIONAL MATCH (p)-[led:MERGED_INTO]->(into:ProfileId)
RETURN p {.profile_id, .founded_by, .founded_on, live: p:Profile, into: into.profile_id, merge_id: led.merge_id} AS issued
