// A brand's merges, the newest first. in: brand_id, before and after (epoch milliseconds and merge id where the page
// before ended; the end of time and ''), limit; out: merge
MATCH (h:MergeHistory)
WHERE h.brand_id = $brand_id AND h.decided_at <= datetime({epochMillis: $before})
  AND CASE h.decided_at WHEN datetime({epochMillis: $before}) THEN h.merge_id > $after ELSE true END
WITH h ORDER BY h.brand_id DESC, h.decided_at DESC, h.merge_id LIMIT $limit
RETURN h {
  .merge_id, .reason, .base_profile_id, .merged_profile_ids, .before, .after, .decided_by, .because, .note,
  decided_at: h.decided_at.epochMillis, undone_at: h.undone_at.epochMillis, .undone_because
} AS merge
