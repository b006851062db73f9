// The automation executions of who answers for a profile id, and of everybody they absorbed, the newest first.
// in: brand_id, profile_id, status and automation_id (null: any), before and after (as act/executions), limit; out: execution
MATCH (asked:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
USING INDEX SEEK asked:ProfileId(key)
MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)-[:RECEIVED]->(x:AutomationExecution)
WHERE x.triggered_at <= datetime({epochMillis: $before}) AND ($status IS NULL OR x.status = $status)
  AND ($automation_id IS NULL OR x.automation_id = $automation_id)
  AND CASE x.triggered_at WHEN datetime({epochMillis: $before}) THEN x.execution_id > $after ELSE true END
WITH x ORDER BY x.triggered_at DESC, x.execution_id LIMIT $limit
RETURN x {
  .execution_id, .automation_id, .automation_name, .automation_version, .trigger, .channel, .profile_id, .occurrence, .batch_id,
  .status, .reason, as_of: x.as_of.epochMillis, triggered_at: x.triggered_at.epochMillis,
  finished_at: x.finished_at.epochMillis, event_ids: [(x)-[:FOR_EVENT]->(e:Event) | e.event_id],
  campaign_id: [(x)-[:SENT_AS]->(c:CampaignExecution) | c.campaign_id][0]
} AS execution
