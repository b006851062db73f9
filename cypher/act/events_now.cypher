// Events by id, with whose each is now and which automations have an execution for it.
// in: asked (one map): brand_id, events [ids]; out: event_id, at (epoch milliseconds), facts (JSON), profile_id, told
UNWIND $asked.events AS id
MATCH (e:Event {key: $asked.brand_id + '|' + id})-[:ATTACHED_TO]->(p:Profile)
USING INDEX SEEK e:Event(key)
RETURN e.event_id AS event_id, e.occurred_at.epochMillis AS at, e.facts AS facts, p.profile_id AS profile_id,
  [(x:AutomationExecution)-[:FOR_EVENT]->(e) | x.automation_id] AS told
