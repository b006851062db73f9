// One merge. in: brand_id, merge_id; out: merge, or no row
MATCH (h:MergeHistory {key: $brand_id + '|' + $merge_id})
RETURN h {
  .merge_id, .reason, .base_profile_id, .merged_profile_ids, .before, .after, .decided_by, .because, .note,
  decided_at: h.decided_at.epochMillis, undone_at: h.undone_at.epochMillis, .undone_because
} AS merge
