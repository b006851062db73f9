// What became of automations' latest executions, up to a limit each, by status.
// in: brand_id, automations [ids], since (epoch milliseconds), limit; out: automation_id, status, executions
UNWIND $automations AS id
CALL (id) {
  MATCH (x:AutomationExecution)
  WHERE x.brand_id = $brand_id AND x.automation_id = id AND x.triggered_at >= datetime({epochMillis: $since})
  WITH x LIMIT $limit
  RETURN x.status AS status, count(x) AS executions
}
RETURN id AS automation_id, status, executions ORDER BY automation_id, status
