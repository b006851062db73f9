// What people, and everybody they absorbed, had of an automation, if it led to a message that did not fail.
// in: asked (one map): brand_id, automation_id, profiles [ids of today's people]
// out: profile_id, at (epoch milliseconds), campaign_id, batch_id, waits (it has not gone out yet)
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})<-[:MERGED_INTO*0..]-(:ProfileId)-[:RECEIVED]->(x:AutomationExecution)
WHERE x.automation_id = $asked.automation_id
MATCH (x)-[:SENT_AS]->(c:CampaignExecution)
WHERE c.status <> 'failed'
RETURN p.profile_id AS profile_id, c.as_of.epochMillis AS at, c.campaign_id AS campaign_id, x.batch_id AS batch_id,
  c.status = 'queued' AS waits
