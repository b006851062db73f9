// Erases identifiers. Who was carried beside them, and (of anonymous ones) beside those, keeps that somebody was. Runs while the
// events that carried them are still there.
// in: plan (one map): identifiers [keys], anonymous [types], instead {what an erased one is called among others: what stands for it}
CALL () {
  UNWIND $plan.identifiers AS key
  MATCH (:Identifier {key: key})<-[:CARRIES]-()-[:CARRIES]->(one:Identifier)
  RETURN collect(DISTINCT one) AS near
}
CALL (near) {
  UNWIND near AS one
  WITH one WHERE one.type IN $plan.anonymous
  MATCH (one)<-[:CARRIES]-()-[:CARRIES]->(two:Identifier)
  WHERE any(seen IN two.through WHERE $plan.instead[seen] IS NOT NULL)
  RETURN collect(DISTINCT two) AS far
}
CALL (near, far) {
  UNWIND near + far AS i
  WITH DISTINCT i ORDER BY i.key
  WHERE NOT i.key IN $plan.identifiers
  REMOVE i.lock
  SET i.seen_with = [seen IN i.seen_with | coalesce($plan.instead[seen], seen)],
      i.through = [seen IN i.through | coalesce($plan.instead[seen], seen)]
}
CALL () {
  UNWIND $plan.identifiers AS key
  MATCH (i:Identifier {key: key})
  DETACH DELETE i
}
