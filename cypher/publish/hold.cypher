// Takes the lock of a brand's stream until the transaction ends: whoever placed rows before is done by then.
// in: brand_id
MERGE (s:Stream {key: $brand_id})
  ON CREATE SET s.position = 0
SET s.brand_id = $brand_id
