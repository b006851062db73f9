// Pending reviews that a way has not told of at the stage they are at, the oldest first. Nothing is new that was told as ageing.
// in: asked (one map): brand_id, way, as_of and ageing (epoch milliseconds: what was opened later does not exist; what was opened by
//     then is ageing), limit
// out: review_id, stage (new or ageing), opened_at (epoch milliseconds), people, reason, rules
MATCH (r:MergeReview)
WHERE r.brand_id = $asked.brand_id AND r.status = 'pending' AND r.created_at <= datetime({epochMillis: $asked.as_of})
WITH r, CASE WHEN r.created_at.epochMillis <= $asked.ageing THEN 'ageing' ELSE 'new' END AS stage
WHERE NOT EXISTS { MATCH (:ReviewTold {key: $asked.brand_id + '|' + $asked.way + '|ageing|' + r.review_id}) }
  AND (stage = 'ageing' OR NOT EXISTS { MATCH (:ReviewTold {key: $asked.brand_id + '|' + $asked.way + '|new|' + r.review_id}) })
WITH r, stage ORDER BY r.brand_id, r.status, r.created_at LIMIT $asked.limit
RETURN r.review_id AS review_id, stage, r.created_at.epochMillis AS opened_at, size(r.profile_ids) AS people, r.reason AS reason,
  COLLECT { MATCH (l:OpenLink)-[:PART_OF]->(r) WHERE l.rule IS NOT NULL RETURN DISTINCT l.rule AS rule ORDER BY rule } AS rules
