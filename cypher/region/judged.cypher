// What people decided of profiles and identifiers, the standing merges of those profiles, the open links that entries and these
// decisions drew, and all reviews they were ever part of.
// in: touched (one map): brand_id, profiles [keys], identifiers [keys], entries [keys]
// out: one row {judgements, merges, links, reviews}. Times are epoch milliseconds.
CALL () {
  CALL () {
    UNWIND $touched.profiles AS key
    MATCH (p:ProfileId {key: key})<-[:SPEAKS_OF]-(j:Judgement)
    USING INDEX SEEK p:ProfileId(key)
    RETURN j
    UNION
    UNWIND $touched.identifiers AS key
    MATCH (i:Identifier {key: key})<-[:SPEAKS_OF]-(j:Judgement)
    USING INDEX SEEK i:Identifier(key)
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
  MATCH (p:ProfileId {key: key})<-[:KEPT]-(h:MergeHistory)
  USING INDEX SEEK p:ProfileId(key)
  WHERE h.undone_at IS NULL
  RETURN collect(DISTINCT h {.merge_id, .base_profile_id, .merged_profile_ids}) AS merges
}
CALL (judgements) {
  UNWIND $touched.entries + [j IN judgements | $touched.brand_id + '|' + j.judgement_id] AS key
  MATCH (l:OpenLink {key: key})
  RETURN collect(l) AS drawn
}
CALL (drawn) {
  UNWIND drawn AS l
  MATCH (l)-[:PART_OF]->(r:MergeReview)
  WITH DISTINCT r
  RETURN collect(r {
    .*, created_at: r.created_at.epochMillis, link_ids: [(l:OpenLink)-[:PART_OF]->(r) | l.link_id],
    profile_ids: CASE r.status
      WHEN 'pending' THEN [(r)-[:CANDIDATE]->(p:Profile) | p.profile_id] ELSE r.profile_ids END
  }) AS reviews
}
RETURN judgements, merges, [l IN drawn | l {.*, opened_at: l.opened_at.epochMillis}] AS links, reviews
