// Undone merges by the day (UTC) they were undone, the newest ones up to a limit. in: brand_id, since (epoch milliseconds), limit
// out: day (epoch milliseconds of its begin), count
MATCH (h:MergeHistory)
WHERE h.brand_id = $brand_id AND h.undone_at >= datetime({epochMillis: $since})
WITH h ORDER BY h.brand_id DESC, h.undone_at DESC LIMIT $limit
RETURN h.undone_at.epochMillis / 86400000 * 86400000 AS day, count(h) AS count ORDER BY day
