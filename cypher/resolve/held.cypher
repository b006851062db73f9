// The identifiers that profiles hold. in: touched (one map): profiles [keys]; out: {profile_id, identifiers [[type, value]]}
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})
RETURN p.profile_id AS profile_id, [(p)-[:HAS_IDENTIFIER]->(i:Identifier) | [i.type, i.value]] AS identifiers
