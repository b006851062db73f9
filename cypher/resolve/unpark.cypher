// Events that were stored without being resolved, now resolved.
// in: plan (one map): rows [{key, set, profile [key], moved_by (the merge that brought it there, or null), order [key]}]
UNWIND $plan.rows AS row
MATCH (e:Event {key: row.key})
SET e += row.set
REMOVE e:Parked
WITH e, row
CALL (e, row) {
  UNWIND row.profile AS key
  MATCH (p:ProfileId {key: key})
  CREATE (e)-[:ATTACHED_TO {merge_id: row.moved_by}]->(p)
}
CALL (e, row) {
  UNWIND row.order AS key
  MATCH (o:Order {key: key})
  CREATE (e)-[:OF_ORDER]->(o)
}
