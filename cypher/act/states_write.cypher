// Notes who entered an automation's trigger, whose stay was answered, and who left. Times are those of the predictions.
// in: asked (one map): brand_id, automation (key), automation_id, entered [{profile, profile_id, key, at, used}], used [keys],
//     left [{key, at}] (epoch milliseconds)
CALL () {
  UNWIND $asked.entered AS row
  MATCH (p:ProfileId {key: row.profile})
  MERGE (s:TriggerState {key: row.key})
    ON CREATE SET s.brand_id = $asked.brand_id, s.automation_id = $asked.automation_id, s.profile_id = row.profile_id
  MERGE (p)-[:STANDS]->(s)
  SET s.inside_of = $asked.automation, s.entered_at = datetime({epochMillis: row.at}), s.used = row.used
}
CALL () {
  UNWIND $asked.used AS key
  MATCH (s:TriggerState {key: key})
  SET s.used = true
}
CALL () {
  UNWIND $asked.left AS row
  MATCH (s:TriggerState {key: row.key})
  SET s.left_at = datetime({epochMillis: row.at})
  REMOVE s.inside_of
}
