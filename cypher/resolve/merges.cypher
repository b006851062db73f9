// Merge history: what was, what became, because of what. in: rows [{set, decided_at, base, absorbed [keys]}]
UNWIND $plan.rows AS row
CREATE (h:MergeHistory)
SET h = row.set, h.decided_at = datetime({epochMillis: row.decided_at})
WITH h, row
CALL (h, row) {
  MATCH (base:ProfileId {key: row.base})
  CREATE (h)-[:KEPT]->(base)
}
CALL (h, row) {
  UNWIND row.absorbed AS key
  MATCH (gone:ProfileId {key: key})
  CREATE (h)-[:ABSORBED]->(gone)
}
