// Merge history: what was, what became, because of what.
// A replay may find that a merge stands differently, or again; then it is written anew. `stood` keeps since when it stands as it
// does, and since when, by what, it stood no more: `at|` and `at|because`.
// in: plan (one map): rows [{set, decided_at, made_at, base, absorbed [keys]}]
UNWIND $plan.rows AS row
MERGE (h:MergeHistory {key: row.set.key})
WITH h, row, coalesce(
  h.stood,  // one that was made before this was kept has had one time of each, if any
  [at IN [h.decided_at.epochMillis] WHERE at IS NOT NULL | toString(at) + '|']
    + [at IN [h.undone_at.epochMillis] WHERE at IS NOT NULL | toString(at) + '|' + h.undone_because]
) AS stood
SET h = row.set, h.decided_at = datetime({epochMillis: row.decided_at}), h.stood = stood + [toString(row.made_at) + '|']
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
