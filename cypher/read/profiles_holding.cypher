// People who hold one identifier of each group, by profile id.
// in: brand_id, groups [[type|value]] (the first one leads), segment (or null), after, limit; out: profile
UNWIND $groups[0] AS text
MATCH (held:Identifier {key: $brand_id + '|' + text})<-[:HAS_IDENTIFIER]-(p:Profile)
USING INDEX SEEK held:Identifier(key)
WHERE p.profile_id > $after
  AND all(others IN $groups[1..] WHERE EXISTS {
    MATCH (p)-[:HAS_IDENTIFIER]->(also:Identifier)
    WHERE also.brand_id = $brand_id AND also.type + '|' + also.value IN others
  })
  AND ($segment IS NULL OR EXISTS {
    MATCH (p)-[:HAS_PREDICTION]->(scored:Prediction) WHERE scored.brand_id = $brand_id AND scored.segment = $segment
  })
WITH DISTINCT p ORDER BY p.profile_id LIMIT $limit
RETURN p {
  .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
  created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
  held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
    [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]]
} AS profile
