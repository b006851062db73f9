// Takes the lock of a stream until the transaction ends: whoever placed or deleted rows before is done by then.
// in: stream (its key), brand_id
MERGE (s:Stream {key: $stream})
  ON CREATE SET s.position = 0
SET s.brand_id = $brand_id
