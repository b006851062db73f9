// Moves messages as far along as their reports say, never backwards, and lets go of these reports. One whose message is not
// known yet stays.
// in: asked (one map): keys (of reports), ranks {status: number}; out: applied
UNWIND $asked.keys AS key
MATCH (r:DeliveryReport {key: key})
MATCH (c:CampaignExecution {message_key: r.message_key})
WHERE c.brand_id = r.brand_id
REMOVE c.lock
WITH r, c, $asked.ranks[r.status] > $asked.ranks[c.status] AS further
FOREACH (moved IN CASE WHEN further THEN [c] ELSE [] END |
  SET moved.status = r.status,
      moved.sent_at = CASE r.status WHEN 'sent' THEN r.received_at ELSE moved.sent_at END,
      moved.delivered_at = CASE r.status WHEN 'delivered' THEN r.received_at ELSE moved.delivered_at END,
      moved.read_at = CASE r.status WHEN 'read' THEN r.received_at ELSE moved.read_at END,
      moved.failed_at = CASE r.status WHEN 'failed' THEN r.received_at END,
      moved.error_code = r.error_code,
      moved.reason = CASE r.status WHEN 'failed' THEN 'the provider reports that it could not be delivered' END)
DELETE r
RETURN count(further) AS applied
