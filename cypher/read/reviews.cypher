// A brand's reviews in these states, the newest first, with who is in each: while pending those who wait in it now,
// afterwards those who did, and as profiles whoever answers for them today.
// in: brand_id, statuses, before and after (epoch milliseconds and review id where the page before ended; the end of
//     time and ''), limit; out: review
UNWIND $statuses AS status
CALL (status) {
  MATCH (r:MergeReview)
  WHERE r.brand_id = $brand_id AND r.status = status AND r.created_at <= datetime({epochMillis: $before})
    AND CASE r.created_at WHEN datetime({epochMillis: $before}) THEN r.review_id > $after ELSE true END
  RETURN r ORDER BY r.brand_id DESC, r.status DESC, r.created_at DESC, r.review_id LIMIT $limit
}
WITH r ORDER BY r.created_at DESC, r.review_id LIMIT $limit
CALL (r) {
  CALL (r) {
    MATCH (r)-[:CANDIDATE]->(p:Profile)
    RETURN p
    UNION
    UNWIND CASE r.status WHEN 'pending' THEN [] ELSE r.profile_ids END AS id
    MATCH (:ProfileId {key: $brand_id + '|' + id})-[:MERGED_INTO*0..]->(p:Profile)
    RETURN p
  }
  WITH p ORDER BY p.profile_id
  RETURN collect(p {
    .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
    created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
    held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
      [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]]
  }) AS profiles
}
RETURN r {
  .review_id, .version, .status, .reason, .event_id, .profile_ids,
  created_at: r.created_at.epochMillis, profiles: profiles,
  links: [(l:OpenLink)-[:PART_OF]->(r) | [
    l.link_id, l.rule, l.reason, l.profile_ids, l.opened_at.epochMillis, EXISTS { (:Event {key: l.key}) }
  ]]
} AS review ORDER BY r.created_at DESC, r.review_id
