// Parked events that carry identifiers. in: touched (one map): identifiers [keys]
// out: {event_id, held (whether somebody holds something else of what it carries)}
UNWIND $touched.identifiers AS key
MATCH (:Identifier {key: key})<-[:CARRIES]-(e:Parked)
WITH DISTINCT e
RETURN e.event_id AS event_id,
  EXISTS { (e)-[:CARRIES]->(i:Identifier)<-[:HAS_IDENTIFIER]-(:Profile) WHERE NOT i.key IN $touched.identifiers } AS held
