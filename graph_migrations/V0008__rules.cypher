// Versions of a brand's rules, and the runs that rehearse one or put it in force. One run of a brand is under way at a time.
CREATE CONSTRAINT rules_version_key IF NOT EXISTS FOR (n:RulesVersion) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT rules_run_key IF NOT EXISTS FOR (n:RulesRun) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT rules_run_under_way IF NOT EXISTS FOR (n:RulesRun) REQUIRE n.under_way IS UNIQUE;
CREATE INDEX rules_version_by_number IF NOT EXISTS FOR (n:RulesVersion) ON (n.brand_id, n.number);
CREATE INDEX rules_run_by_time IF NOT EXISTS FOR (n:RulesRun) ON (n.brand_id, n.begun_at);
