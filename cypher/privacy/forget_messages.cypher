// Erases executions of automations and what they sent. in: plan (one map): executions [keys]
UNWIND $plan.executions AS key
MATCH (x:AutomationExecution {key: key})
OPTIONAL MATCH (x)-[:SENT_AS]->(c:CampaignExecution)
DETACH DELETE c, x
