// A brand's automation executions of a status, the newest first. in: brand_id, status, automation_id (null: any), before and
// after (as act/executions), limit; out: execution
MATCH (x:AutomationExecution)
USING INDEX SEEK x:AutomationExecution(brand_id, status, triggered_at)
WHERE x.brand_id = $brand_id AND x.status = $status AND x.triggered_at <= datetime({epochMillis: $before})
  AND ($automation_id IS NULL OR x.automation_id = $automation_id)
  AND CASE x.triggered_at WHEN datetime({epochMillis: $before}) THEN x.execution_id > $after ELSE true END
WITH x ORDER BY x.brand_id DESC, x.status DESC, x.triggered_at DESC, x.execution_id LIMIT $limit
RETURN x {
  .execution_id, .automation_id, .automation_name, .automation_version, .trigger, .channel, .profile_id, .occurrence, .batch_id,
  .status, .reason, as_of: x.as_of.epochMillis, triggered_at: x.triggered_at.epochMillis,
  finished_at: x.finished_at.epochMillis, event_ids: [(x)-[:FOR_EVENT]->(e:Event) | e.event_id],
  campaign_id: [(x)-[:SENT_AS]->(c:CampaignExecution) | c.campaign_id][0]
} AS execution
