// Deletes an automation; its executions stay. in: asked (one map): key; out: one row, none when there was none
MATCH (a:Automation {key: $asked.key})
DELETE a
RETURN true AS deleted
