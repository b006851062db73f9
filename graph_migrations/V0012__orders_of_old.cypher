// Purchases that were stored before orders were: an order has one, and what else was stored under its number is of no order.
// In parts, so that a start that is stopped goes on where it was.
MATCH (e:Event)
WHERE e.order_id IS NOT NULL AND e.outcome <> 'parked'
CALL (e) {
  MERGE (o:Order {key: e.brand_id + '|' + e.source + '|' + e.order_id})
    ON CREATE SET o.brand_id = e.brand_id, o.source = e.source, o.order_id = e.order_id
  WITH e, o WHERE NOT EXISTS { (o)<-[:OF_ORDER]-() }
  CREATE (e)-[:OF_ORDER]->(o)
} IN TRANSACTIONS OF 1000 ROWS;
