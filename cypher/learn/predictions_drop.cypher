// Takes back the scores and journeys of people who cannot be scored (as of another clock they could).
// in: plan (one map): keys
UNWIND $plan.keys AS key
OPTIONAL MATCH (n:Prediction {key: key})
OPTIONAL MATCH (j:CustomerJourney {key: key})
DETACH DELETE n, j
