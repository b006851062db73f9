// Who holds identifiers, and whether they may be held at all. in: touched (one map): identifiers [keys]
// out: {type, value, standing, profile_ids, types (of all that these hold)}; nothing of one never seen
UNWIND $touched.identifiers AS key
MATCH (i:Identifier {key: key})
RETURN i.type AS type, i.value AS value, i.standing AS standing,
  [(p:Profile)-[:HAS_IDENTIFIER]->(i) | p.profile_id] AS profile_ids,
  COLLECT { MATCH (i)<-[:HAS_IDENTIFIER]-(:Profile)-[:HAS_IDENTIFIER]->(held) RETURN DISTINCT held.type } AS types
