// Numbers of some of a brand's scored people, by profile id, which is as good as by chance.
// in: brand_id, limit; out: recency, tenure, orders, spend, churn
MATCH (f:FeatureSet)
WHERE f.brand_id = $brand_id AND f.profile_id > '' AND f.orders > 0
WITH f ORDER BY f.brand_id, f.profile_id LIMIT $limit
MATCH (n:Prediction {key: f.key})
RETURN n.recency_days AS recency, n.tenure_days AS tenure, f.orders AS orders, f.spend_minor AS spend, n.churn_score AS churn
