// Where people stand in an automation's trigger: what is known of them and of everybody they absorbed.
// in: asked (one map): brand_id, automation_id, profiles [ids of today's people]
// out: profile_id, states [{key, profile_id, inside, entered_at, left_at, used}] (epoch milliseconds)
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})<-[:MERGED_INTO*0..]-(old:ProfileId)-[:STANDS]->(s:TriggerState)
WHERE s.automation_id = $asked.automation_id
RETURN p.profile_id AS profile_id, collect(s {
  .key, .profile_id, .used, inside: s.inside_of IS NOT NULL, entered_at: s.entered_at.epochMillis, left_at: s.left_at.epochMillis
}) AS states
