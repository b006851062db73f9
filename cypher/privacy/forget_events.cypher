// Erases events with what they showed and recorded, and orders of which nothing else is told. What is left of each is that it came.
// in: plan (one map): brand_id, events [keys]
UNWIND $plan.events AS key
MATCH (e:Event {key: key})
CREATE (:ErasedEvent {key: key, brand_id: $plan.brand_id, event_id: e.event_id, type: e.type, outcome: 'ignored'})
WITH e
CALL (e) {
  MATCH (e)-[:SHOWED|RECORDED]->(part)
  DETACH DELETE part
}
CALL (e) {
  MATCH (e)-[was:OF_ORDER]->(o:Order)
  DELETE was
  WITH o WHERE NOT EXISTS { (o)<-[:OF_ORDER]-() }
  DELETE o
}
DETACH DELETE e
