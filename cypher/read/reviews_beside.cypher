// The pending reviews right before and right behind a review in the queue, which has the newest first.
// in: brand_id, review_id, at (epoch milliseconds of its creation); out: {side ('newer', 'older'), review_id}; no row where none is
MATCH (r:MergeReview)
WHERE r.brand_id = $brand_id AND r.status = 'pending' AND r.created_at >= datetime({epochMillis: $at})
  AND CASE r.created_at WHEN datetime({epochMillis: $at}) THEN r.review_id < $review_id ELSE true END
WITH r ORDER BY r.brand_id, r.status, r.created_at, r.review_id DESC LIMIT 1
RETURN 'newer' AS side, r.review_id AS review_id
UNION ALL
MATCH (r:MergeReview)
WHERE r.brand_id = $brand_id AND r.status = 'pending' AND r.created_at <= datetime({epochMillis: $at})
  AND CASE r.created_at WHEN datetime({epochMillis: $at}) THEN r.review_id > $review_id ELSE true END
WITH r ORDER BY r.brand_id DESC, r.status DESC, r.created_at DESC, r.review_id LIMIT 1
RETURN 'older' AS side, r.review_id AS review_id
