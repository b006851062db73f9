// Purchases that were stored before orders were. In parts, so that a start that is stopped goes on where it was.
MATCH (e:Event)
WHERE e.order_id IS NOT NULL AND NOT EXISTS { (e)-[:OF_ORDER]->() }
CALL (e) {
  MERGE (o:Order {key: e.brand_id + '|' + e.source + '|' + e.order_id})
    ON CREATE SET o.brand_id = e.brand_id, o.source = e.source, o.order_id = e.order_id
  CREATE (e)-[:OF_ORDER]->(o)
} IN TRANSACTIONS OF 1000 ROWS;
