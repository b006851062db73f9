// Queues messages, and skips executions that get none.
// in: asked (one map): batch (key), queued [{execution (key), set}], skipped [{execution (key), reason}],
//     as_of, now (epoch milliseconds)
CALL () {
  MATCH (b:AutomationBatch {key: $asked.batch})
  SET b.reached = coalesce(b.reached, 0) + size($asked.queued)
}
CALL () {
  UNWIND $asked.queued AS row
  MATCH (x:AutomationExecution {key: row.execution})
  CREATE (x)-[:SENT_AS]->(c:CampaignExecution)
  SET c = row.set, c.queued_at = datetime({epochMillis: $asked.now}), c.as_of = datetime({epochMillis: $asked.as_of})
  REMOVE x.waits_in
}
CALL () {
  UNWIND $asked.skipped AS row
  MATCH (x:AutomationExecution {key: row.execution})
  SET x.status = 'skipped', x.reason = row.reason, x.finished_at = datetime({epochMillis: $asked.now})
  REMOVE x.waits_in
}
