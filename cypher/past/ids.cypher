// Profile ids as they are stored. in: touched (one map): profiles [keys]
// out: profile {profile_id, profile_strength, created_at (epoch milliseconds), held [[type, value, merge_id]]}
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})
RETURN p {
  .profile_id, .profile_strength, created_at: p.created_at.epochMillis,
  held: [(p)-[held:HAS_IDENTIFIER]->(i:Identifier) | [i.type, i.value, held.merge_id]]
} AS profile
