// What lies around nodes, at most `fan_out` of each kind of edge a node: a hub costs no more than anybody.
// in: brand_id, nodes [element ids], known [element ids] (those that nothing has to be said of), fan_out, rows (most in all)
// out: one row, since thousands cost the driver more than what is in them: found, a list of [at and other (element ids),
// whether the edge begins at `at`, type, merge_id, label, node (null of a known one)]. What there are thousands of is asked
// for what it has; each property that a node has not costs as much as one that it has.
UNWIND $nodes AS id
MATCH (n)
WHERE elementId(n) = id AND n.brand_id = $brand_id
CALL (n) {
  // Of most, all edges together are no more than that.
  WITH n WHERE COUNT { (n)--() } <= $fan_out
  MATCH (n)-[edge:HAS_IDENTIFIER|MERGED_INTO|KEPT|ABSORBED|CANDIDATE|FOUNDED|ATTACHED_TO|RECORDED|SHOWED|CARRIES]-(other)
  RETURN edge, other
  UNION ALL
  WITH n WHERE COUNT { (n)--() } > $fan_out
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
  RETURN edge, other
}
WITH n, edge, other LIMIT $rows
RETURN collect([
  elementId(n), elementId(other), startNode(edge) = n, type(edge), edge.merge_id,
  [name IN labels(other) WHERE name <> 'ProfileId'][0],
  CASE
    WHEN elementId(other) IN $known THEN NULL
    WHEN other:Event THEN other {
      .type, .event_id, .source, .outcome, .merge_id, .review_id, at: other.occurred_at.epochMillis
    }
    WHEN other:Identifier THEN other {.type, .value, .standing, .source, at: other.first_seen.epochMillis}
    WHEN other:Profile THEN other {.profile_id, .profile_strength, at: other.created_at.epochMillis}
    ELSE other {
      .profile_id, .profile_strength, .type, .value, .standing, .event_id, .source, .outcome, .merge_id, .reason, .decided_by,
      .review_id, .status, .visit_id, .store_name, .duration_minutes, .intent_id, .product_name, .score,
      at: coalesce(other.occurred_at, other.decided_at, other.check_in_at, other.created_at, other.first_seen).epochMillis,
      undone_at: other.undone_at.epochMillis
    }
  END
]) AS found
