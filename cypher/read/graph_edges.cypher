// The edges that begin at nodes, without what lies at their other ends. in: brand_id, nodes [element ids], rows (most in all)
// out: one row: found, a list of [source, target (element ids), type, merge_id]
UNWIND $nodes AS id
MATCH (n)-[edge:HAS_IDENTIFIER|MERGED_INTO|KEPT|ABSORBED|CANDIDATE|FOUNDED|ATTACHED_TO|RECORDED|SHOWED|CARRIES]->(other)
WHERE elementId(n) = id AND n.brand_id = $brand_id
WITH n, edge, other LIMIT $rows
RETURN collect([elementId(n), elementId(other), type(edge), edge.merge_id]) AS found
