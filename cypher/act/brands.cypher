// The brands there are, by name. in: after (the last one of the page before, or ''), limit; out: brand_id
MATCH (b:Brand)
WHERE b.brand_id > $after
RETURN b.brand_id AS brand_id ORDER BY b.brand_id LIMIT $limit
