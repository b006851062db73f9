// One node by its kind and what names it. in: brand_id, kind (profile, identifier, mergehistory or mergereview), named
// out: found (element id), label, node; or no row
CALL () {
  MATCH (n:ProfileId {key: $brand_id + '|' + $named}) WHERE $kind = 'profile' RETURN n
  UNION ALL
  MATCH (n:Identifier {key: $brand_id + '|' + $named}) WHERE $kind = 'identifier' RETURN n
  UNION ALL
  MATCH (n:MergeHistory {key: $brand_id + '|' + $named}) WHERE $kind = 'mergehistory' RETURN n
  UNION ALL
  MATCH (n:MergeReview {key: $brand_id + '|' + $named}) WHERE $kind = 'mergereview' RETURN n
}
RETURN elementId(n) AS found, [name IN labels(n) WHERE name <> 'ProfileId'][0] AS label, n {
  .profile_id, .profile_strength, .type, .value, .standing, .event_id, .source, .outcome, .merge_id, .reason, .decided_by,
  .review_id, .status, .visit_id, .store_name, .duration_minutes, .intent_id, .product_name, .score,
  at: coalesce(n.occurred_at, n.decided_at, n.check_in_at, n.created_at, n.first_seen).epochMillis,
  undone_at: n.undone_at.epochMillis
} AS node
