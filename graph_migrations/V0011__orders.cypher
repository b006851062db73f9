// Orders, each known by its sender's number: what is told of one later finds it, whoever tells it, and two who tell at once wait
// for one another.
CREATE CONSTRAINT order_key IF NOT EXISTS FOR (n:Order) REQUIRE n.key IS UNIQUE;
