// Parked events that carry identifiers. in: touched (one map): identifiers [keys], anonymous [types]
// out: {event_id, held (whether it names somebody else: by a browser that somebody holds nobody is named), carried [keys of
// identifiers]}
UNWIND $touched.identifiers AS key
MATCH (:Identifier {key: key})<-[:CARRIES]-(e:Parked)
WITH DISTINCT e
RETURN e.event_id AS event_id, [(e)-[:CARRIES]->(i:Identifier) | i.key] AS carried,
  EXISTS { (e)-[:CARRIES]->(i:Identifier)<-[:HAS_IDENTIFIER]-(:Profile)
    WHERE NOT i.key IN $touched.identifiers AND NOT i.type IN $touched.anonymous } AS held
