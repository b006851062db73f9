// Merges of profile ids, and what they show of before and after. in: touched (one map): profiles [keys]; out: {key, before, after}
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})<-[:KEPT]-(h:MergeHistory)
USING INDEX SEEK p:ProfileId(key)
RETURN h.key AS key, h.before AS before, h.after AS after
