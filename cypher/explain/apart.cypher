// What people decided about two people, and the pending reviews that both wait in.
// in: brand_id, one, other, judgements [ids]; out: part, {decision} or {review}
CALL () {
  UNWIND $judgements AS id
  MATCH (j:Judgement {key: $brand_id + '|' + id})
  RETURN {decision: j {
    .judgement_id, .kind, .decided_by, .reason, .note, .review_id, decided_at: j.decided_at.epochMillis
  }} AS part
  UNION ALL
  MATCH (:ProfileId {key: $brand_id + '|' + $one})<-[:CANDIDATE]-(r:MergeReview)-[:CANDIDATE]->(p:ProfileId)
  WHERE p.key = $brand_id + '|' + $other
  RETURN {review: r {.review_id, .status, .reason, links: [(l:OpenLink)-[:PART_OF]->(r) |
    l {.link_id, .profile_ids, .rule, .reason, .clock, .rule_version, opened_at: l.opened_at.epochMillis}]}} AS part
}
RETURN part
