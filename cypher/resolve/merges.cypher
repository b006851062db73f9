// Merge history: what was, what became, because of what.
// A replay may find that a merge stands differently; then it is written anew.
// in: plan (one map): rows [{set, decided_at, base, absorbed [keys]}]
UNWIND $plan.rows AS row
MERGE (h:MergeHistory {key: row.set.key})
SET h = row.set, h.decided_at = datetime({epochMillis: row.decided_at})
WITH h, row
CALL (h) {
  MATCH (h)-[was:KEPT|ABSORBED]->()
  DELETE was
}
CALL (h, row) {
  MATCH (base:ProfileId {key: row.base})
  CREATE (h)-[:KEPT]->(base)
}
CALL (h, row) {
  UNWIND row.absorbed AS key
  MATCH (gone:ProfileId {key: key})
  CREATE (h)-[:ABSORBED]->(gone)
}
