// People whose prediction names a segment, by profile id. in: asked (one map): brand_id, segment, after (the last profile id of
// the page before, or ''), limit; out: profile_id
MATCH (s:Prediction)
WHERE s.brand_id = $asked.brand_id AND s.segment = $asked.segment AND s.profile_id > $asked.after
RETURN s.profile_id AS profile_id ORDER BY s.brand_id, s.segment, s.profile_id LIMIT $asked.limit
