// One string key (brand|...) under each uniqueness constraint; brand_id and the parts stand beside it for people.
// :ProfileId is every profile id ever issued; it is also :Profile (a person) or :MergedProfile (absorbed).
CREATE CONSTRAINT brand_id IF NOT EXISTS FOR (n:Brand) REQUIRE n.brand_id IS UNIQUE;
CREATE CONSTRAINT profile_id_key IF NOT EXISTS FOR (n:ProfileId) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT identifier_key IF NOT EXISTS FOR (n:Identifier) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT event_key IF NOT EXISTS FOR (n:Event) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT profile_import_key IF NOT EXISTS FOR (n:ProfileImport) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT open_link_key IF NOT EXISTS FOR (n:OpenLink) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT merge_review_key IF NOT EXISTS FOR (n:MergeReview) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT merge_history_key IF NOT EXISTS FOR (n:MergeHistory) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT judgement_key IF NOT EXISTS FOR (n:Judgement) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT product_intent_key IF NOT EXISTS FOR (n:ProductIntent) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT stream_key IF NOT EXISTS FOR (n:Stream) REQUIRE n.key IS UNIQUE;

// Lists by brand, in an order that stays right while data arrives.
CREATE INDEX profile_by_brand IF NOT EXISTS FOR (n:Profile) ON (n.brand_id, n.profile_id);
CREATE INDEX identifier_by_value IF NOT EXISTS FOR (n:Identifier) ON (n.brand_id, n.value);
CREATE INDEX merge_history_by_brand IF NOT EXISTS FOR (n:MergeHistory) ON (n.brand_id, n.decided_at);
CREATE INDEX merge_review_by_status IF NOT EXISTS FOR (n:MergeReview) ON (n.brand_id, n.status, n.created_at);

// The outbox: rows still to be placed in the stream, by their clock; and placed ones, by position.
CREATE INDEX outbox_pending IF NOT EXISTS FOR (n:Outbox) ON (n.brand_id, n.pending);
CREATE INDEX outbox_position IF NOT EXISTS FOR (n:Outbox) ON (n.brand_id, n.position);
