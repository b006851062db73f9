// What a brand says of those who send to it: their secrets (sealed), addresses, and whether they may. A write key is known by its
// digest alone, and names one brand.
CREATE CONSTRAINT sender_key IF NOT EXISTS FOR (n:Sender) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT sender_write_key IF NOT EXISTS FOR (n:Sender) REQUIRE n.write_key_digest IS UNIQUE;
