// What a brand's admins were told by e-mail and webhook, the newest first. in: brand_id, before and after (epoch milliseconds and
// reminder id where the page before ended; the end of time and ''), limit; out: reminder
MATCH (r:Reminder)
WHERE r.brand_id = $brand_id AND r.created_at <= datetime({epochMillis: $before})
  AND CASE r.created_at WHEN datetime({epochMillis: $before}) THEN r.reminder_id > $after ELSE true END
WITH r ORDER BY r.brand_id DESC, r.created_at DESC, r.reminder_id LIMIT $limit
RETURN r {
  .reminder_id, .way, .provider, .to, .reviews, .status, .reason, .attempts, .due, created_at: r.created_at.epochMillis,
  sent_at: r.sent_at.epochMillis
} AS reminder
