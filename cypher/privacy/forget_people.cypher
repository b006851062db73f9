// Erases all that is kept of profile ids: what was learnt of them, how they were merged, how they were brought in. The ids themselves stay, as tombstones.
// in: plan (one map): profiles [keys], at (epoch milliseconds)
UNWIND $plan.profiles AS key
MATCH (p:ProfileId {key: key})
CALL (p) {
  MATCH (p)-[:HAS_FEATURES|HAS_PREDICTION|HAD_PREDICTION|HAS_JOURNEY|HAD_JOURNEY|STANDS]->(learnt)
  DETACH DELETE learnt
}
CALL (p) {
  MATCH (p)<-[:KEPT|ABSORBED]-(h:MergeHistory)
  DETACH DELETE h
}
CALL (p) {
  MATCH (p)<-[:FOUNDED]-(n:ProfileImport)
  DETACH DELETE n
}
CALL (p) {
  MATCH (p)-[tie]-()
  DELETE tie
}
SET p = {key: p.key, brand_id: p.brand_id, profile_id: p.profile_id, erased_at: datetime({epochMillis: $plan.at})}
SET p:Tombstone
REMOVE p:Profile, p:MergedProfile
