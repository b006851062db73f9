// What happened to identities (merges, reviews), by its position in the stream `identity.changes`.
CREATE INDEX change_position IF NOT EXISTS FOR (n:Change) ON (n.brand_id, n.position);
