// Whether an erasure was done. in: brand_id, erasure_id; out: erased_at; no row for one that was not
MATCH (n:Erasure {key: $brand_id + '|' + $erasure_id})
RETURN n.erased_at AS erased_at
