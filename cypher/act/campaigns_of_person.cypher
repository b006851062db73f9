// The messages to who answers for a profile id, and to everybody they absorbed, the newest first.
// in: brand_id, profile_id, status and automation_id (null: any), before and after (as act/campaigns), limit; out: campaign
MATCH (asked:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
USING INDEX SEEK asked:ProfileId(key)
MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)-[:RECEIVED]->(:AutomationExecution)-[:SENT_AS]->(c:CampaignExecution)
WHERE c.queued_at <= datetime({epochMillis: $before}) AND ($status IS NULL OR c.status = $status)
  AND ($automation_id IS NULL OR c.automation_id = $automation_id)
  AND CASE c.queued_at WHEN datetime({epochMillis: $before}) THEN c.campaign_id > $after ELSE true END
WITH c ORDER BY c.queued_at DESC, c.campaign_id LIMIT $limit
RETURN c {
  .campaign_id, .execution_id, .automation_id, .automation_name, .profile_id, .channel, .provider, .to, .subject, .body,
  .content_sid, .status, .reason, .attempts, .message_id, .not_before, .due, .error_code, as_of: c.as_of.epochMillis,
  queued_at: c.queued_at.epochMillis, sent_at: c.sent_at.epochMillis, delivered_at: c.delivered_at.epochMillis,
  read_at: c.read_at.epochMillis, failed_at: c.failed_at.epochMillis
} AS campaign
