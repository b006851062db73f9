// Stores occurrences as executions, in the open batch of their automation (which begins with the first of them).
// in: asked (one map): automation (key), batch {set} (used when none is open), as_of, now (epoch milliseconds),
//     rows [{profile (key), events [keys], set}]; out: made; 0 when the batch was ended at this very moment
MERGE (b:AutomationBatch {open_of: $asked.automation})
  ON CREATE SET b += $asked.batch.set, b.created_at = datetime({epochMillis: $asked.now}),
                b.as_of = datetime({epochMillis: $asked.as_of})
REMOVE b.lock
WITH b
WHERE b.open_of = $asked.automation
UNWIND $asked.rows AS row
MATCH (p:ProfileId {key: row.profile})
CREATE (p)-[:RECEIVED]->(x:AutomationExecution)
SET x = row.set, x.waits_in = b.key, x.batch_id = b.batch_id, x.as_of = datetime({epochMillis: $asked.as_of}),
    x.triggered_at = datetime({epochMillis: $asked.now})
WITH x, row
CALL (x, row) {
  UNWIND row.events AS key
  MATCH (e:Event {key: key})
  CREATE (x)-[:FOR_EVENT]->(e)
}
RETURN count(x) AS made
