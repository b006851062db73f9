// Takes out of events what they carry of erased people. in: plan (one map): rows [{event, identifiers [keys], raw, properties,
// facts}]
UNWIND $plan.rows AS row
MATCH (e:Event {key: row.event})
SET e.raw = row.raw, e.properties = row.properties, e.facts = row.facts
WITH e, row
UNWIND row.identifiers AS key
MATCH (e)-[carried:CARRIES]->(:Identifier {key: key})
DELETE carried
