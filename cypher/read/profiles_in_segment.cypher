// People of one segment by profile id. in: brand_id, segment, after (the last id of the page before, or ''), limit
// out: profile
MATCH (n:Prediction)
WHERE n.brand_id = $brand_id AND n.segment = $segment AND n.profile_id > $after
MATCH (p:Profile)-[:HAS_PREDICTION]->(n)
WITH p, n ORDER BY n.brand_id, n.segment, n.profile_id LIMIT $limit
RETURN p {
  .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
  created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
  held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
    [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]]
} AS profile
