// What people decided, tied to the atoms it speaks of.
// in: plan (one map): rows [{set, decided_at, profiles [{key, side}], identifiers [{key, side}]}]
UNWIND $plan.rows AS row
CREATE (j:Judgement)
SET j = row.set, j.decided_at = datetime({epochMillis: row.decided_at})
WITH j, row
CALL (j, row) {
  UNWIND row.profiles AS atom
  MATCH (p:ProfileId {key: atom.key})
  CREATE (j)-[:SPEAKS_OF {side: atom.side}]->(p)
}
CALL (j, row) {
  UNWIND row.identifiers AS atom
  MATCH (i:Identifier {key: atom.key})
  CREATE (j)-[:SPEAKS_OF {side: atom.side}]->(i)
}
