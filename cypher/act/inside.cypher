// People who are inside of an automation's trigger and whose prediction (if there is one) does not say so any more, by the
// profile id of when they entered: who was absorbed since has none, and is looked at as their survivor.
// in: asked (one map): brand_id, automation (key), segment, threshold (one of the two is null), after (the last profile id of the
// page before, or ''), limit; out: profile_id
MATCH (t:TriggerState)
WHERE t.inside_of = $asked.automation AND t.profile_id > $asked.after
  AND NOT EXISTS {
    MATCH (s:Prediction {key: $asked.brand_id + '|' + t.profile_id})
    WHERE s.segment = $asked.segment OR s.churn_score >= $asked.threshold
  }
RETURN t.profile_id AS profile_id ORDER BY t.inside_of, t.profile_id LIMIT $asked.limit
