// What was learnt of a person: features, a prediction, a journey. One of each a profile; older ones get a label of their own.
CREATE CONSTRAINT feature_set_key IF NOT EXISTS FOR (n:FeatureSet) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT prediction_key IF NOT EXISTS FOR (n:Prediction) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT customer_journey_key IF NOT EXISTS FOR (n:CustomerJourney) REQUIRE n.key IS UNIQUE;

// Who may be lost (who is in a segment: V0007). People page by page, whether they still are people.
CREATE INDEX prediction_by_churn IF NOT EXISTS FOR (n:Prediction) ON (n.brand_id, n.churn_score);
CREATE INDEX feature_set_by_brand IF NOT EXISTS FOR (n:FeatureSet) ON (n.brand_id, n.profile_id);

// A brand's models, the newest first, and which of them scores; what is bought together.
CREATE CONSTRAINT model_key IF NOT EXISTS FOR (n:Model) REQUIRE n.key IS UNIQUE;
CREATE INDEX model_by_brand IF NOT EXISTS FOR (n:Model) ON (n.brand_id, n.created_at);
CREATE INDEX model_by_status IF NOT EXISTS FOR (n:Model) ON (n.brand_id, n.status);
CREATE CONSTRAINT bought_together_key IF NOT EXISTS FOR (n:BoughtTogether) REQUIRE n.key IS UNIQUE;
CREATE INDEX bought_together_by_brand IF NOT EXISTS FOR (n:BoughtTogether) ON (n.brand_id, n.made_at);

// How much a brand's people have changed, week by week.
CREATE CONSTRAINT drift_report_key IF NOT EXISTS FOR (n:DriftReport) REQUIRE n.key IS UNIQUE;
CREATE INDEX drift_report_by_brand IF NOT EXISTS FOR (n:DriftReport) ON (n.brand_id, n.as_of);
