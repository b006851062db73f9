// People by when their words last changed: the full-text index shows them a moment later, and a search looks at both
// (cypher/read/profiles_found.cypher).
CREATE INDEX profile_by_search_change IF NOT EXISTS FOR (n:Profile) ON (n.brand_id, n.search_changed_at);
