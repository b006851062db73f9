// A replay begins with evidence and asks which profile ids it founded.
CREATE INDEX profile_id_by_founder IF NOT EXISTS FOR (n:ProfileId) ON (n.founded_by);

// What admins look at: identifiers that link nobody.
CREATE INDEX identifier_by_standing IF NOT EXISTS FOR (n:Identifier) ON (n.brand_id, n.standing, n.key);

// Events that wait, in the order they came: what they would make shared joined too much to be resolved at once.
CREATE INDEX parked_by_arrival IF NOT EXISTS FOR (n:Parked) ON (n.brand_id, n.received_at);
