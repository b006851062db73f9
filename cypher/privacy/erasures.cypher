// A brand's erasures, the newest first. in: brand_id, before and after (epoch milliseconds and erasure id where the page before
// ended; the end of time and ''), limit; out: erasure
MATCH (n:Erasure)
WHERE n.brand_id = $brand_id AND n.erased_at <= datetime({epochMillis: $before})
  AND CASE n.erased_at WHEN datetime({epochMillis: $before}) THEN n.erasure_id > $after ELSE true END
WITH n ORDER BY n.brand_id DESC, n.erased_at DESC, n.erasure_id LIMIT $limit
RETURN n {.*, erased_at: n.erased_at.epochMillis} AS erasure
