// Gives waiting rows the next positions of a brand's stream, in the order given; under publish/settle.
// in: brand_id, ids; out: placed
MATCH (s:Stream {key: $brand_id})
WITH s, s.position AS last
SET s.position = last + size($ids)
WITH last
UNWIND range(0, size($ids) - 1) AS step
MATCH (o:Outbox) WHERE elementId(o) = $ids[step] AND o.brand_id = $brand_id
SET o.position = last + step + 1
REMOVE o.pending
RETURN count(o) AS placed
