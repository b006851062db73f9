// Stores scores and journeys. What stood there of another clock goes into the history, which keeps the last thirty.
// in: plan (one map): as_of, scored_at (epoch milliseconds), keep, rows [{key, prediction, journey}]
UNWIND $plan.rows AS row
MATCH (p:ProfileId {key: row.key})
REMOVE p.lock  // who was absorbed or erased meanwhile gets none
WITH p, row
WHERE p:Profile
WITH p, row, datetime({epochMillis: $plan.as_of}) AS at
CALL (p, row, at) {
  OPTIONAL MATCH (old:Prediction {key: row.key})
  FOREACH (was IN CASE WHEN old.as_of <> at THEN [old] ELSE [] END |
    CREATE (p)-[:HAD_PREDICTION]->(h:PredictionHistory)
    SET h = properties(was)
    REMOVE h.key, h.scored_from)
  MERGE (n:Prediction {key: row.key})
  SET n = row.prediction, n.as_of = at, n.scored_at = datetime({epochMillis: $plan.scored_at})
  MERGE (p)-[:HAS_PREDICTION]->(n)
}
CALL (p, row, at) {
  OPTIONAL MATCH (old:CustomerJourney {key: row.key})
  FOREACH (was IN CASE WHEN old.as_of <> at THEN [old] ELSE [] END |
    CREATE (p)-[:HAD_JOURNEY]->(h:JourneyHistory)
    SET h = properties(was)
    REMOVE h.key)
  MERGE (j:CustomerJourney {key: row.key})
  WITH p, row, at, j,
    CASE WHEN j.as_of = at THEN j.previous_stage ELSE j.stage END AS stage,
    CASE WHEN j.as_of = at THEN j.previous_score ELSE j.score END AS score
  SET j = row.journey, j.previous_stage = stage, j.previous_score = score, j.as_of = at
  MERGE (p)-[:HAS_JOURNEY]->(j)
}
CALL (p) {
  MATCH (p)-[:HAD_PREDICTION]->(h:PredictionHistory)
  WITH h ORDER BY h.as_of DESC SKIP $plan.keep
  DETACH DELETE h
}
CALL (p) {
  MATCH (p)-[:HAD_JOURNEY]->(h:JourneyHistory)
  WITH h ORDER BY h.as_of DESC SKIP $plan.keep
  DETACH DELETE h
}
