// Merges that profile ids ever had a part in, as they are stored. in: touched (one map): profiles [keys]
// out: merge
UNWIND $touched.profiles AS key
MATCH (:ProfileId {key: key})<-[:KEPT|ABSORBED]-(h:MergeHistory)
WITH DISTINCT h
RETURN h {
  .merge_id, .reason, .base_profile_id, .merged_profile_ids, .before, .after, .decided_by, .because, .note,
  decided_at: h.decided_at.epochMillis, undone_at: h.undone_at.epochMillis, .undone_because, .stood
} AS merge
