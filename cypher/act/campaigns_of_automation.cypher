// The messages of one automation, the newest first. in: brand_id, automation_id, before and after (as act/campaigns), limit
// out: campaign
MATCH (c:CampaignExecution)
USING INDEX SEEK c:CampaignExecution(brand_id, automation_id, queued_at)
WHERE c.brand_id = $brand_id AND c.automation_id = $automation_id AND c.queued_at <= datetime({epochMillis: $before})
  AND CASE c.queued_at WHEN datetime({epochMillis: $before}) THEN c.campaign_id > $after ELSE true END
WITH c ORDER BY c.brand_id DESC, c.automation_id DESC, c.queued_at DESC, c.campaign_id LIMIT $limit
RETURN c {
  .campaign_id, .execution_id, .automation_id, .automation_name, .profile_id, .channel, .provider, .to, .subject, .body,
  .content_sid, .status, .reason, .attempts, .message_id, .not_before, .due, .error_code, as_of: c.as_of.epochMillis,
  queued_at: c.queued_at.epochMillis, sent_at: c.sent_at.epochMillis, delivered_at: c.delivered_at.epochMillis,
  read_at: c.read_at.epochMillis, failed_at: c.failed_at.epochMillis
} AS campaign
