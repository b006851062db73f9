// Merges by reason: how many were made, and how many of them were undone.
MATCH (h:MergeHistory)
WHERE h.brand_id = $brand AND h.decided_at >= datetime('1970-01-01T00:00:00Z')
RETURN h.reason AS reason, count(h) AS merges, count(h.undone_at) AS undone, max(h.decided_at) AS latest
ORDER BY merges DESC
