// What people put into carts and bought in a span of time, which of it was brought in after the fact, and which automations
// have an execution for each event.
// in: asked (one map): brand_id, profiles [ids], types, from and until (epoch milliseconds)
// out: profile_id, event_id, type, at (epoch milliseconds), facts (JSON), backfill, told [automation ids]
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})<-[:ATTACHED_TO]-(e:Event)
USING INDEX SEEK p:ProfileId(key)
WHERE e.type IN $asked.types AND e.occurred_at >= datetime({epochMillis: $asked.from})
  AND e.occurred_at <= datetime({epochMillis: $asked.until})
RETURN id AS profile_id, e.event_id AS event_id, e.type AS type, e.occurred_at.epochMillis AS at, e.facts AS facts,
  e.backfill IS NOT NULL AS backfill,
  [(x:AutomationExecution)-[:FOR_EVENT]->(e) | x.automation_id] AS told
