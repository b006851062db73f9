// What lies around nodes, at most `fan_out` of each kind of edge a node: a hub costs no more than anybody.
// in: brand_id, nodes [element ids], known [element ids]: those that nothing has to be said of, fan_out, rows (most in all)
// out: at and found (element ids), source, target, type, merge_id, label, node (null of a known one)
UNWIND $nodes AS id
MATCH (n)
WHERE elementId(n) = id AND n.brand_id = $brand_id
CALL (n) {
  MATCH (n)-[edge:HAS_IDENTIFIER]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:MERGED_INTO]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:KEPT]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:ABSORBED]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:CANDIDATE]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:FOUNDED]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:ATTACHED_TO]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:RECORDED]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:SHOWED]-(other) RETURN edge, other LIMIT $fan_out
  UNION ALL
  MATCH (n)-[edge:CARRIES]-(other) RETURN edge, other LIMIT $fan_out
}
WITH n, edge, other LIMIT $rows
RETURN elementId(n) AS at, elementId(other) AS found, elementId(startNode(edge)) AS source, elementId(endNode(edge)) AS target,
  type(edge) AS type, edge.merge_id AS merge_id, [name IN labels(other) WHERE name <> 'ProfileId'][0] AS label,
  CASE WHEN elementId(other) IN $known THEN NULL ELSE other {
  .profile_id, .profile_strength, .type, .value, .standing, .event_id, .source, .outcome, .merge_id, .reason, .decided_by,
  .review_id, .status, .visit_id, .store_name, .duration_minutes, .intent_id, .product_name, .score,
  at: coalesce(other.occurred_at, other.decided_at, other.check_in_at, other.created_at, other.first_seen).epochMillis,
  undone_at: other.undone_at.epochMillis
} END AS node
