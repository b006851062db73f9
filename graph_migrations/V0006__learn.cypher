// What was learnt of a person: features, a prediction, a journey. One of each a profile.
CREATE CONSTRAINT feature_set_key IF NOT EXISTS FOR (n:FeatureSet) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT prediction_key IF NOT EXISTS FOR (n:Prediction) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT customer_journey_key IF NOT EXISTS FOR (n:CustomerJourney) REQUIRE n.key IS UNIQUE;

// Who is in a segment, and who may be lost.
CREATE INDEX prediction_by_segment IF NOT EXISTS FOR (n:Prediction) ON (n.brand_id, n.segment);
CREATE INDEX prediction_by_churn IF NOT EXISTS FOR (n:Prediction) ON (n.brand_id, n.churn_score);
