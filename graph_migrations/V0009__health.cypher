// Ids that `identity.changes` has not told of yet, in the order of their clocks.
CREATE INDEX profile_id_untold IF NOT EXISTS FOR (n:ProfileId) ON (n.brand_id, n.untold);
// What `GET /api/graph/health` looks at. People by the size of their component, in powers of two: the value changes only when a
// person's events have doubled, so an event seldom moves an entry of the index.
CREATE INDEX profile_by_size IF NOT EXISTS FOR (n:Profile) ON (n.brand_id, n.size_class);
// Identifiers that were seen with several others; most have no such property and are not in the index.
CREATE INDEX identifier_by_company IF NOT EXISTS FOR (n:Identifier) ON (n.brand_id, n.seen_beside);
// Merges that were undone.
CREATE INDEX merge_history_by_undo IF NOT EXISTS FOR (n:MergeHistory) ON (n.brand_id, n.undone_at);
