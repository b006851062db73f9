// One review, with who is in it (as in read/reviews). in: brand_id, review_id; out: review, or no row
MATCH (r:MergeReview {key: $brand_id + '|' + $review_id})
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
} AS review
