// Of an erased event its key alone stays, so that a delivery that comes again is known and brings nobody back; and of each erasure
// what it was, without a word of who.
CREATE CONSTRAINT erased_event_key IF NOT EXISTS FOR (n:ErasedEvent) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT erasure_key IF NOT EXISTS FOR (n:Erasure) REQUIRE n.key IS UNIQUE;
CREATE INDEX erasure_by_time IF NOT EXISTS FOR (n:Erasure) ON (n.brand_id, n.erased_at);
// Who asked for their data, as platforms pass it on.
CREATE CONSTRAINT data_request_key IF NOT EXISTS FOR (n:DataRequest) REQUIRE n.key IS UNIQUE;
CREATE INDEX data_request_by_time IF NOT EXISTS FOR (n:DataRequest) ON (n.brand_id, n.asked_at);
// Messages by where they went: who was one person with somebody for a while has messages to their address.
CREATE INDEX campaign_execution_by_recipient IF NOT EXISTS FOR (n:CampaignExecution) ON (n.brand_id, n.to);
