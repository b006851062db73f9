// Which identifiers were shared by a moment: those carried with more values of one strong type (not their own) than a limit,
// an anonymous one also through the anonymous ones that it was carried with (semantics, rule 3).
// in: touched (one map): rows [{key, anonymous, limit}], strong [types], as_of, known_at (epoch milliseconds, or null),
//     limit (of events looked at, of each identifier)
// out: key
UNWIND $touched.rows AS row
MATCH (i:Identifier {key: row.key})
CALL (i) {
  MATCH (i)<-[:CARRIES]-(e:Event)
  WHERE e.outcome <> 'parked'
    AND ($touched.as_of IS NULL OR e.occurred_at <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR e.received_at <= datetime({epochMillis: $touched.known_at}))
  WITH i, e LIMIT $touched.limit
  MATCH (e)-[:CARRIES]->(o:Identifier)
  WHERE o <> i AND (o.standing <> 'blocked' OR o.declared IS NOT NULL)
  RETURN collect(DISTINCT o) AS beside
}
CALL (beside, row) {
  UNWIND CASE WHEN row.anonymous THEN beside ELSE [] END AS c
  WITH c WHERE NOT c.type IN $touched.strong
  MATCH (c)<-[:CARRIES]-(e:Event)
  WHERE e.outcome <> 'parked'
    AND ($touched.as_of IS NULL OR e.occurred_at <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR e.received_at <= datetime({epochMillis: $touched.known_at}))
  WITH e LIMIT $touched.limit
  MATCH (e)-[:CARRIES]->(o:Identifier)
  WHERE o.standing <> 'blocked' OR o.declared IS NOT NULL
  RETURN collect(DISTINCT o) AS through
}
UNWIND beside + through AS o
WITH row, i, o WHERE o.type IN $touched.strong AND o.type <> i.type
WITH row, o.type AS type, count(DISTINCT o) AS values
WHERE values > row.limit
RETURN DISTINCT row.key AS key
