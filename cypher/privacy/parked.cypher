// Parked events that carry identifiers. in: touched (one map): identifiers [keys], anonymous [types]
// out: {event_id, held (whether it names somebody else: by a browser that somebody holds nobody is named), carried [keys of
// identifiers]}
UNWIND $touched.identifiers AS key
MATCH (named:Identifier {key: key})<-[:CARRIES]-(e)
USING INDEX SEEK named:Identifier(key)
WITH DISTINCT e WHERE e:Parked  // here, and not above: where nothing is parked the planner would begin with all that is
MATCH (e)-[:CARRIES]->(i)
WITH e, i, NOT i.key IN $touched.identifiers AND NOT i.type IN $touched.anonymous AND EXISTS { (i)<-[:HAS_IDENTIFIER]-() } AS others
RETURN e.event_id AS event_id, collect(i.key) AS carried, any(one IN collect(others) WHERE one) AS held
