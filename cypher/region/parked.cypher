// A brand's parked events, the first that came first. in: brand_id, limit; out: key
MATCH (e:Parked)
WHERE e.brand_id = $brand_id AND e.received_at > datetime({epochMillis: 0})
RETURN e.key AS key ORDER BY e.brand_id, e.received_at, e.event_id LIMIT $limit
