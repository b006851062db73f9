// People whose churn score is at a threshold or above, by score, but for those whose stay there was answered already.
// in: asked (one map): brand_id, automation_id, from (the score where the page before ended, or the threshold), after (the last
// profile id of that page, or ''), limit; out: profile_id, score
MATCH (s:Prediction)
WHERE s.brand_id = $asked.brand_id AND s.churn_score >= $asked.from
  AND CASE s.churn_score WHEN $asked.from THEN s.profile_id > $asked.after ELSE true END
  AND NOT EXISTS {
    MATCH (t:TriggerState {key: $asked.brand_id + '|' + $asked.automation_id + '|' + s.profile_id})
    WHERE t.inside_of IS NOT NULL AND t.used
  }
RETURN s.profile_id AS profile_id, s.churn_score AS score ORDER BY s.brand_id, s.churn_score, s.profile_id LIMIT $asked.limit
