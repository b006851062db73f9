// Automations, what they did and sent, and the jobs that do it. As everywhere one string key (brand|...) each.
CREATE CONSTRAINT automation_key IF NOT EXISTS FOR (n:Automation) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT automation_execution_key IF NOT EXISTS FOR (n:AutomationExecution) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT campaign_execution_key IF NOT EXISTS FOR (n:CampaignExecution) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT automation_batch_key IF NOT EXISTS FOR (n:AutomationBatch) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT trigger_state_key IF NOT EXISTS FOR (n:TriggerState) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT delivery_report_key IF NOT EXISTS FOR (n:DeliveryReport) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT job_lease_key IF NOT EXISTS FOR (n:JobLease) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT job_run_key IF NOT EXISTS FOR (n:JobRun) REQUIRE n.key IS UNIQUE;

// One batch of an automation is open at a time; to one address one message is under way at a time, so that a message
// that may have left can be told from its neighbours; and a provider's message belongs to one execution.
CREATE CONSTRAINT automation_batch_open IF NOT EXISTS FOR (n:AutomationBatch) REQUIRE n.open_of IS UNIQUE;
CREATE CONSTRAINT campaign_in_flight IF NOT EXISTS FOR (n:CampaignExecution) REQUIRE n.in_flight IS UNIQUE;
CREATE CONSTRAINT campaign_message IF NOT EXISTS FOR (n:CampaignExecution) REQUIRE n.message_key IS UNIQUE;

// Lists by brand, in an order that stays right while data arrives.
CREATE INDEX automation_by_brand IF NOT EXISTS FOR (n:Automation) ON (n.brand_id, n.created_at);
CREATE INDEX automation_execution_by_brand IF NOT EXISTS FOR (n:AutomationExecution) ON (n.brand_id, n.triggered_at);
CREATE INDEX automation_execution_by_status IF NOT EXISTS FOR (n:AutomationExecution) ON (n.brand_id, n.status, n.triggered_at);
CREATE INDEX automation_execution_by_automation IF NOT EXISTS
FOR (n:AutomationExecution) ON (n.brand_id, n.automation_id, n.triggered_at);
CREATE INDEX campaign_execution_by_brand IF NOT EXISTS FOR (n:CampaignExecution) ON (n.brand_id, n.queued_at);
CREATE INDEX campaign_execution_by_status IF NOT EXISTS FOR (n:CampaignExecution) ON (n.brand_id, n.status, n.queued_at);
CREATE INDEX campaign_execution_by_automation IF NOT EXISTS FOR (n:CampaignExecution) ON (n.brand_id, n.automation_id, n.queued_at);
CREATE INDEX automation_batch_by_status IF NOT EXISTS FOR (n:AutomationBatch) ON (n.brand_id, n.status, n.created_at);
CREATE INDEX job_run_by_job IF NOT EXISTS FOR (n:JobRun) ON (n.brand_id, n.job, n.started_at);

// What a job asks for: events of a type in a span of time; people in a segment, page by page; executions of a batch that
// wait; batches with such; messages that are due; people inside of an automation's trigger; reports nobody was found for.
CREATE INDEX event_by_type IF NOT EXISTS FOR (n:Event) ON (n.brand_id, n.type, n.occurred_at);
CREATE INDEX prediction_by_segment_and_person IF NOT EXISTS FOR (n:Prediction) ON (n.brand_id, n.segment, n.profile_id);
CREATE INDEX automation_execution_waiting IF NOT EXISTS FOR (n:AutomationExecution) ON (n.waits_in, n.execution_id);
CREATE INDEX automation_batch_unsettled IF NOT EXISTS FOR (n:AutomationBatch) ON (n.brand_id, n.unsettled);
CREATE INDEX campaign_execution_due IF NOT EXISTS FOR (n:CampaignExecution) ON (n.brand_id, n.due);
CREATE INDEX trigger_state_inside IF NOT EXISTS FOR (n:TriggerState) ON (n.inside_of, n.profile_id);
CREATE INDEX trigger_state_by_automation IF NOT EXISTS FOR (n:TriggerState) ON (n.brand_id, n.automation_id);
CREATE INDEX delivery_report_by_time IF NOT EXISTS FOR (n:DeliveryReport) ON (n.brand_id, n.received_at);
