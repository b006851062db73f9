// Waiting reviews: the oldest first, each with its candidates, drawn.
MATCH (r:MergeReview)
WHERE r.brand_id = $brand AND r.status = 'pending' AND r.created_at >= datetime('1970-01-01T00:00:00Z')
WITH r ORDER BY r.brand_id, r.status, r.created_at LIMIT 20
MATCH path = (r)-[:CANDIDATE]->(:Profile)
RETURN r.created_at AS opened, r.reason AS reason, path
