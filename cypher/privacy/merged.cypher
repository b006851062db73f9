// How many merges profiles had a part in. in: touched (one map): profiles [keys]; out: one row {merges}
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})<-[:KEPT|ABSORBED]-(h:MergeHistory)
USING INDEX SEEK p:ProfileId(key)
RETURN count(DISTINCT h) AS merges
