// How many reviews of a brand wait, counted up to a limit, and since when the oldest does.
// in: brand_id, limit; out: one row {waiting, oldest (epoch milliseconds, null without any)}
MATCH (r:MergeReview)
WHERE r.brand_id = $brand_id AND r.status = 'pending' AND r.created_at >= datetime({epochMillis: 0})
WITH r ORDER BY r.brand_id, r.status, r.created_at LIMIT $limit
RETURN count(r) AS waiting, min(r.created_at).epochMillis AS oldest
