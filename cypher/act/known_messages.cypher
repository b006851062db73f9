// Which of a provider's messages belong to executions already, of whatever brand: a provider's account serves them all.
// in: message_keys; out: message_key
UNWIND $message_keys AS message_key
MATCH (c:CampaignExecution {message_key: message_key})
RETURN c.message_key AS message_key
