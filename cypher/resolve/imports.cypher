// Imported profiles are evidence too: what was brought in, and the identifiers it carried.
// in: plan (one map: sizes of list parameters would be part of the plan cache key): rows [{set, created_at, received_at, profile, identifiers [keys]}]
UNWIND $plan.rows AS row
CREATE (n:ProfileImport)
SET n = row.set, n.created_at = datetime({epochMillis: row.created_at}), n.received_at = datetime({epochMillis: row.received_at})
WITH n, row
CALL (n, row) {
  MATCH (p:ProfileId {key: row.profile})
  CREATE (n)-[:FOUNDED]->(p)
}
CALL (n, row) {
  UNWIND row.identifiers AS key
  MATCH (i:Identifier {key: key})
  CREATE (n)-[:CARRIES]->(i)
}
