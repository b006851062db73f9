// Who may leave: the highest churn scores, with what each person has ordered so far.
MATCH (s:Prediction)
WHERE s.brand_id = $brand AND s.churn_score >= 0
WITH s ORDER BY s.brand_id DESC, s.churn_score DESC LIMIT 50
MATCH (p:Profile)-[:HAS_PREDICTION]->(s)
RETURN p.profile_id AS profile, s.segment AS segment, s.churn_score AS churn, p.total_orders AS orders, p.last_seen AS last_seen
ORDER BY churn DESC
