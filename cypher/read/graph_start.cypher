// Where a person's graph begins: the node of who answers for a profile id. in: brand_id, profile_id
// out: found (element id), label, node; or no row
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
RETURN elementId(p) AS found, 'Profile' AS label, p {
  .profile_id, .profile_strength, .type, .value, .standing, .event_id, .source, .outcome, .merge_id, .reason, .decided_by,
  .review_id, .status, .visit_id, .store_name, .duration_minutes, .intent_id, .product_name, .score,
  at: coalesce(p.occurred_at, p.decided_at, p.check_in_at, p.created_at, p.first_seen).epochMillis,
  undone_at: p.undone_at.epochMillis
} AS node
