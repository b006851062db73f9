// What people decided of profiles and identifiers, and the standing merges of those profiles.
// in: touched (one map): profiles [keys], identifiers [keys]; out: one row {judgements, merges}. Times are epoch milliseconds.
CALL () {
  CALL () {
    UNWIND $touched.profiles AS key
    MATCH (:ProfileId {key: key})<-[:SPEAKS_OF]-(j:Judgement)
    RETURN j
    UNION
    UNWIND $touched.identifiers AS key
    MATCH (:Identifier {key: key})<-[:SPEAKS_OF]-(j:Judgement)
    RETURN j
  }
  RETURN collect(j {
    .judgement_id, .kind, .reason, .note, .decided_by, .review_id, .clock,
    decided_at: j.decided_at.epochMillis, retracted_at: j.retracted_at.epochMillis,
    profiles: [(j)-[said:SPEAKS_OF]->(p:ProfileId) | [said.side, p.profile_id]],
    identifiers: [(j)-[said:SPEAKS_OF]->(i:Identifier) | [said.side, i.type, i.value]]
  }) AS judgements
}
CALL () {
  UNWIND $touched.profiles AS key
  MATCH (:ProfileId {key: key})<-[:KEPT]-(h:MergeHistory)
  WHERE h.undone_at IS NULL
  RETURN collect(DISTINCT h {.merge_id, .base_profile_id, .merged_profile_ids}) AS merges
}
RETURN judgements, merges
