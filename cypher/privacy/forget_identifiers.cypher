// Erases identifiers. Who was carried beside them, and (of anonymous ones) beside those, keeps that somebody was: by events, or by
// what is kept of events that were erased (privacy/forget_events). Others who were met through an anonymous one that goes
// remember each other still; that they do is kept too. Runs while the events that carried them are still there.
// in: plan (one map): identifiers [keys], anonymous [types], instead {what an erased one is called among others: what stands for it}
CALL () {
  UNWIND $plan.identifiers AS key
  MATCH (i:Identifier {key: key})
  CALL (i) {
    MATCH (i)<-[:CARRIES]-()-[:CARRIES]->(one)
    RETURN one
    UNION
    MATCH (i)-[:SEEN_WITH]-(one)
    RETURN one
  }
  RETURN collect(DISTINCT one) AS near
}
CALL (near) {
  UNWIND near AS one
  WITH one WHERE one.type IN $plan.anonymous
  CALL (one) {
    MATCH (one)<-[:CARRIES]-()-[:CARRIES]->(two)
    RETURN two
    UNION
    MATCH (one)-[:SEEN_WITH]-(two)
    RETURN two
  }
  WITH two
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
  WHERE i.type IN $plan.anonymous
  CALL (i) {
    MATCH (i)<-[:CARRIES]-()-[:CARRIES]->(one)
    RETURN one
    UNION
    MATCH (i)-[:SEEN_WITH]-(one)
    RETURN one
  }
  WITH i, one WHERE NOT one.key IN $plan.identifiers
  WITH i, collect(one) AS met
  UNWIND met AS one
  UNWIND met AS other
  WITH one, other
  WHERE one.key < other.key AND (one.type IN $plan.anonymous OR other.type IN $plan.anonymous)
  MERGE (one)-[:SEEN_WITH]->(other)
}
CALL () {
  UNWIND $plan.identifiers AS key
  MATCH (i:Identifier {key: key})
  DETACH DELETE i
}
