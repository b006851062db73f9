// Pending reviews by age, the oldest ones up to a limit, and the evidence that waits in them by the rule that stopped it.
// in: brand_id, now (epoch milliseconds), limit; out: one row {ages [{days, count}], oldest (epoch milliseconds), conflicts [{rule, links, reviews}]}
CALL () {
  MATCH (r:MergeReview)
  WHERE r.brand_id = $brand_id AND r.status = 'pending' AND r.created_at >= datetime({epochMillis: 0})
  WITH r ORDER BY r.brand_id, r.status, r.created_at LIMIT $limit
  RETURN collect(r) AS pending
}
CALL (pending) {
  UNWIND pending AS r
  WITH ($now - r.created_at.epochMillis) / 86400000 AS days, count(r) AS count ORDER BY days
  RETURN collect({days: days, count: count}) AS ages
}
CALL (pending) {
  UNWIND pending AS r
  MATCH (l:OpenLink)-[:PART_OF]->(r)
  WITH l.rule AS rule, count(DISTINCT l) AS links, count(DISTINCT r) AS reviews ORDER BY rule
  RETURN collect({rule: rule, links: links, reviews: reviews}) AS conflicts
}
RETURN ages, CASE WHEN size(pending) > 0 THEN pending[0].created_at.epochMillis END AS oldest, conflicts
