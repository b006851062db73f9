// Notes what a provider says became of a message: of several reports of one message what is furthest along.
// in: asked (one map): brand_id, ranks {status: number}, now (epoch milliseconds),
//     rows [{key, message_key, message_id, campaign (key or null), status, error_code}]
UNWIND $asked.rows AS row
MERGE (r:DeliveryReport {key: row.key})
  ON CREATE SET r.brand_id = $asked.brand_id, r.message_key = row.message_key, r.message_id = row.message_id,
                r.campaign = row.campaign, r.status = row.status,
                r.error_code = row.error_code, r.received_at = datetime({epochMillis: $asked.now})
SET r.campaign = coalesce(r.campaign, row.campaign)  // the first may have come to an address that does not name it
WITH r, row
WHERE $asked.ranks[row.status] > $asked.ranks[r.status]
SET r.status = row.status, r.error_code = row.error_code
