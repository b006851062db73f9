// Segments: how many people are in each, and the mean of their scores.
MATCH (s:Prediction)
WHERE s.brand_id = $brand AND s.segment > '' AND s.profile_id > ''
RETURN s.segment AS segment, count(s) AS people, round(avg(s.churn_score), 3) AS mean_churn
ORDER BY people DESC
