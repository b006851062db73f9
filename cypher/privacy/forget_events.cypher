// Erases events with what they showed and recorded, and orders of which nothing else is told. Others' identifiers that were
// carried together remember each other (app/resolve/erasing.py): that they do is kept, for whoever erases one of them later.
// What is left of each event, in its place, is that it came. (New nodes instead, beside so many deleted ones, took a transaction
// time by the square of its events.)
// in: touched (one map): events [keys]
UNWIND $touched.events AS key
MATCH (e:Event {key: key})
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
CALL (e) {
  MATCH (e)-[:CARRIES]->(one)
  MATCH (e)-[:CARRIES]->(other)
  WHERE one.key < other.key AND NOT e:Parked
  MERGE (one)-[:SEEN_WITH]->(other)
}
CALL (e) {
  MATCH (e)-[tie]-()
  DELETE tie
}
SET e = {key: e.key, brand_id: e.brand_id, event_id: e.event_id, type: e.type, outcome: 'ignored'}
SET e:ErasedEvent
REMOVE e:Event, e:Parked
