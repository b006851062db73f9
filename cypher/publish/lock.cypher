// Takes the lock of a brand's stream until the transaction ends. in: brand_id
MERGE (s:Stream {key: $brand_id})
  ON CREATE SET s.brand_id = $brand_id, s.position = 0
REMOVE s.lock
