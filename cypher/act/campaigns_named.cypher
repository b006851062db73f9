// Messages by their ids. in: brand_id, campaigns [ids]; out: campaign
UNWIND $campaigns AS id
MATCH (c:CampaignExecution {key: $brand_id + '|' + id})
RETURN c {
  .campaign_id, .execution_id, .automation_id, .automation_name, .profile_id, .channel, .provider, .to, .subject, .body,
  .content_sid, .status, .reason, .attempts, .message_id, .not_before, .due, .error_code, as_of: c.as_of.epochMillis,
  queued_at: c.queued_at.epochMillis, sent_at: c.sent_at.epochMillis, delivered_at: c.delivered_at.epochMillis,
  read_at: c.read_at.epochMillis, failed_at: c.failed_at.epochMillis
} AS campaign
