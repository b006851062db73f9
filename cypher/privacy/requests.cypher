// What waits for an admin, the newest first: who asked for their data (and nothing else, before `wanted` was noted), or a shop that
// let the app go for all of its. in: brand_id, before and after (epoch milliseconds and request id where the page
// before ended; the end of time and ''), limit; out: request
MATCH (n:DataRequest)
WHERE n.brand_id = $brand_id AND n.asked_at <= datetime({epochMillis: $before})
  AND CASE n.asked_at WHEN datetime({epochMillis: $before}) THEN n.request_id > $after ELSE true END
WITH n ORDER BY n.brand_id DESC, n.asked_at DESC, n.request_id LIMIT $limit
RETURN n {
  .request_id, .source, .profile_ids, .shop_domain, wanted: coalesce(n.wanted, 'export'), asked_at: n.asked_at.epochMillis
} AS request
