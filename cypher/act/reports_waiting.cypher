// Reports whose message was not known when they came, the oldest first. in: brand_id, after and last (epoch milliseconds and key
// where the page before ended; since when they came, and ''), limit; out: key, received_at
MATCH (r:DeliveryReport)
WHERE r.brand_id = $brand_id AND r.received_at >= datetime({epochMillis: $after})
  AND CASE r.received_at WHEN datetime({epochMillis: $after}) THEN r.key > $last ELSE true END
RETURN r.key AS key, r.received_at.epochMillis AS received_at ORDER BY r.brand_id, r.received_at, r.key LIMIT $limit
