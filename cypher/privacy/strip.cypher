// Takes out of events what they carry of erased people. What stays, since others hold it too, remembers whom it was carried with, for
// whoever erases one of them later. in: plan (one map): rows [{event, identifiers [keys], raw, properties, facts}]
UNWIND $plan.rows AS row
MATCH (e:Event {key: row.event})
SET e.raw = row.raw, e.properties = row.properties, e.facts = row.facts
WITH e, row
UNWIND row.identifiers AS key
MATCH (e)-[carried:CARRIES]->(one:Identifier {key: key})
CALL (e, one) {
  MATCH (e)-[:CARRIES]->(other)
  WHERE other <> one
  MERGE (one)-[:SEEN_WITH]-(other)
}
DELETE carried
