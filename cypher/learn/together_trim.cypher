// Lets go of what was bought together by an older reckoning, a bounded number at a time.
// in: plan (one map): brand_id, made_at (epoch milliseconds; what is of another time goes), limit; out: one row {gone}
CALL () {
  MATCH (t:BoughtTogether)
  WHERE t.brand_id = $plan.brand_id AND t.made_at < datetime({epochMillis: $plan.made_at})
  RETURN t LIMIT $plan.limit
  UNION
  MATCH (t:BoughtTogether)
  WHERE t.brand_id = $plan.brand_id AND t.made_at > datetime({epochMillis: $plan.made_at})
  RETURN t LIMIT $plan.limit
}
DETACH DELETE t
RETURN count(*) AS gone
