// Lets one at a time change a brand's keys. in: brand_id; out: one row, none for no such brand
MATCH (b:Brand {brand_id: $brand_id})
REMOVE b.lock
RETURN b.brand_id AS brand_id
