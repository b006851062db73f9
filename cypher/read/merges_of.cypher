// The merges that made the person who answers for a profile id, the newest first.
// in: brand_id, profile_id, before and after (as for read/merges), limit; out: merge
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)<-[:KEPT]-(h:MergeHistory)
WHERE h.decided_at <= datetime({epochMillis: $before})
  AND CASE h.decided_at WHEN datetime({epochMillis: $before}) THEN h.merge_id > $after ELSE true END
WITH h ORDER BY h.decided_at DESC, h.merge_id LIMIT $limit
RETURN h {
  .merge_id, .reason, .base_profile_id, .merged_profile_ids, .before, .after, .decided_by, .because, .note,
  decided_at: h.decided_at.epochMillis, undone_at: h.undone_at.epochMillis, .undone_because
} AS merge
