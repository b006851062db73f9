// The open links that entries and judgements drew, and all reviews they were ever part of.
// in: touched (one map): links [keys]; out: one row {links, reviews}. Times are epoch milliseconds.
CALL () {
  UNWIND $touched.links AS key
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
RETURN [l IN drawn | l {.*, opened_at: l.opened_at.epochMillis}] AS links, reviews
