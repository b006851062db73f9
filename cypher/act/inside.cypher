// People who are inside of an automation's trigger, by profile id (of when they entered).
// in: asked (one map): automation (key), after (the last profile id of the page before, or ''), limit; out: profile_id
MATCH (s:TriggerState)
WHERE s.inside_of = $asked.automation AND s.profile_id > $asked.after
RETURN s.profile_id AS profile_id ORDER BY s.inside_of, s.profile_id LIMIT $asked.limit
