// Merges of profile ids, and what they show of before and after. in: touched (one map): profiles [keys]; out: {key, before, after}
UNWIND $touched.profiles AS key
MATCH (:ProfileId {key: key})<-[:KEPT]-(h:MergeHistory)
RETURN h.key AS key, h.before AS before, h.after AS after
