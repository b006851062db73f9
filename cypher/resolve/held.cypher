// The identifiers that profiles hold, and what founded them.
// in: touched (one map): profiles [keys]; out: {profile_id, founded_by, identifiers [[type, value]]}
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})
RETURN p.profile_id AS profile_id, p.founded_by AS founded_by,
  [(p)-[:HAS_IDENTIFIER]->(i:Identifier) | [i.type, i.value]] AS identifiers
