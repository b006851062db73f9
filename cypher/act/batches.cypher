// A brand's batches of a status, the newest first: who would be, or was, reached by one run of an automation.
// in: brand_id, status, before and after (epoch milliseconds and batch id where the page before ended; the end of time and ''), limit
// out: batch
MATCH (b:AutomationBatch)
WHERE b.brand_id = $brand_id AND b.status = $status AND b.created_at <= datetime({epochMillis: $before})
  AND CASE b.created_at WHEN datetime({epochMillis: $before}) THEN b.batch_id > $after ELSE true END
WITH b ORDER BY b.brand_id DESC, b.status DESC, b.created_at DESC, b.batch_id LIMIT $limit
RETURN b {
  .batch_id, .automation_id, .automation_name, .status, .people, .note, as_of: b.as_of.epochMillis,
  created_at: b.created_at.epochMillis, decided_at: b.decided_at.epochMillis
} AS batch
