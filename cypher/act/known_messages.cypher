// Which of a provider's messages belong to executions already. in: message_keys, brand_id (of who asks: a provider's account
// serves all brands, so the others' count as well); out: message_key, brand_id
UNWIND $message_keys AS message_key
MATCH (c:CampaignExecution {message_key: message_key})
RETURN c.message_key AS message_key, c.brand_id = $brand_id AS own
