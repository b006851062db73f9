// Executions of automations for profile ids, and the messages they sent, by a moment: jobs by their own clock (`as_of`), and
// when each was made (`known_at`). in: touched (one map): profiles [keys], as_of, known_at (epoch milliseconds, or null), limit
// out: one row {executions, campaigns}
CALL () {
  UNWIND $touched.profiles AS key
  MATCH (:ProfileId {key: key})-[:RECEIVED]->(x:AutomationExecution)
  WHERE ($touched.as_of IS NULL OR x.as_of <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR x.triggered_at <= datetime({epochMillis: $touched.known_at}))
  WITH x ORDER BY x.triggered_at DESC, x.execution_id LIMIT $touched.limit
  RETURN collect(x {
    .execution_id, .automation_id, .automation_name, .automation_version, .trigger, .channel, .profile_id, .occurrence, .batch_id,
    .status, .reason, as_of: x.as_of.epochMillis, triggered_at: x.triggered_at.epochMillis,
    finished_at: x.finished_at.epochMillis, event_ids: [(x)-[:FOR_EVENT]->(e:Event) | e.event_id],
    campaign_id: [(x)-[:SENT_AS]->(c:CampaignExecution)
      WHERE $touched.known_at IS NULL OR c.queued_at <= datetime({epochMillis: $touched.known_at}) | c.campaign_id][0]
  }) AS executions
}
CALL () {
  UNWIND $touched.profiles AS key
  MATCH (:ProfileId {key: key})-[:RECEIVED]->(:AutomationExecution)-[:SENT_AS]->(c:CampaignExecution)
  WHERE ($touched.as_of IS NULL OR c.as_of <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR c.queued_at <= datetime({epochMillis: $touched.known_at}))
  WITH c ORDER BY c.queued_at DESC, c.campaign_id LIMIT $touched.limit
  RETURN collect(c {
    .campaign_id, .execution_id, .automation_id, .automation_name, .profile_id, .channel, .provider, .to, .subject, .body,
    .content_sid, .status, .reason, .attempts, .message_id, .not_before, .due, .error_code, as_of: c.as_of.epochMillis,
    queued_at: c.queued_at.epochMillis, sent_at: c.sent_at.epochMillis, delivered_at: c.delivered_at.epochMillis,
    read_at: c.read_at.epochMillis, failed_at: c.failed_at.epochMillis
  }) AS campaigns
}
RETURN executions, campaigns
