// People whose prediction names a segment, by profile id, but for those whose stay there was answered already.
// in: asked (one map): brand_id, automation_id, segment, after (the last profile id of the page before, or ''), limit
// out: profile_id
MATCH (s:Prediction)
WHERE s.brand_id = $asked.brand_id AND s.segment = $asked.segment AND s.profile_id > $asked.after
  AND NOT EXISTS {
    MATCH (t:TriggerState {key: $asked.brand_id + '|' + $asked.automation_id + '|' + s.profile_id})
    WHERE t.inside_of IS NOT NULL AND t.used
  }
RETURN s.profile_id AS profile_id ORDER BY s.brand_id, s.segment, s.profile_id LIMIT $asked.limit
