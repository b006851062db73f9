// Who answers for profile ids, what they hold, and by which merges: those on the way from each id, or (`whole`) all that made
// the person.
// in: brand_id, profile_ids, whole, limit (of merges, and of identifiers)
// out: asked, person, held [[type, value]], acts [{gone, into, merge, decision, review}]
UNWIND $profile_ids AS asked
MATCH way = (:ProfileId {key: $brand_id + '|' + asked})-[:MERGED_INTO*0..]->(p:Profile)
CALL (p, way) {
  CALL (p, way) {
    UNWIND CASE WHEN $whole THEN [] ELSE relationships(way) END AS act
    RETURN act
    UNION
    MATCH (p)<-[acts:MERGED_INTO*1..]-(:MergedProfile)
    WHERE $whole
    RETURN acts[-1] AS act LIMIT $limit
  }
  OPTIONAL MATCH (h:MergeHistory {key: $brand_id + '|' + act.merge_id})
  OPTIONAL MATCH (j:Judgement {key: $brand_id + '|' + h.because})
  OPTIONAL MATCH (r:MergeReview {key: $brand_id + '|' + j.review_id})
  RETURN collect({
    gone: startNode(act).profile_id, into: endNode(act).profile_id,
    merge: h {.merge_id, .reason, .because, .decided_by, .note, .rule_version, .before, decided_at: h.decided_at.epochMillis},
    decision: j {.judgement_id, .kind, .decided_by, .reason, .note, .review_id, decided_at: j.decided_at.epochMillis},
    review: r {.review_id, .status, .reason, links: [(l:OpenLink)-[:PART_OF]->(r) |
      l {.link_id, .profile_ids, .rule, .reason, .clock, .rule_version, opened_at: l.opened_at.epochMillis}]}
  }) AS acts
}
RETURN asked, acts, COLLECT {
  MATCH (p)-[:HAS_IDENTIFIER]->(i:Identifier)
  RETURN [i.type, i.value] ORDER BY i.type, i.value LIMIT $limit
} AS held, p {
  .*, created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis
} AS person
