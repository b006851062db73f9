// Admins are told of a review once as new and once as ageing, by each way; and the messages that tell it.
CREATE CONSTRAINT review_told_key IF NOT EXISTS FOR (n:ReviewTold) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT reminder_key IF NOT EXISTS FOR (n:Reminder) REQUIRE n.key IS UNIQUE;
CREATE INDEX reminder_due IF NOT EXISTS FOR (n:Reminder) ON (n.brand_id, n.due);
CREATE INDEX reminder_by_time IF NOT EXISTS FOR (n:Reminder) ON (n.brand_id, n.created_at);
CREATE INDEX reminder_by_id IF NOT EXISTS FOR (n:Reminder) ON (n.brand_id, n.reminder_id);
