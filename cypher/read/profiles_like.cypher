// People with an identifier value that begins with one of the prefixes, each at their smallest such value, in the order
// of value and profile id; before them (at value '') the one whose id, of today or absorbed, is asked for exactly.
// in: brand_id, id, ranges [[from, prefix, to]], groups [[type|value]] (of each they must hold one as well),
//     segment (or null), value and after (where the page before ended, or ''), limit; out: profile, value
OPTIONAL MATCH (:ProfileId {key: $brand_id + '|' + $id})-[:MERGED_INTO*0..]->(exact:Profile)
CALL (exact) {
  WITH exact AS p WHERE exact IS NOT NULL AND $value = '' AND $after = ''
    AND all(others IN $groups WHERE EXISTS {
      MATCH (exact)-[:HAS_IDENTIFIER]->(also:Identifier)
      WHERE also.brand_id = $brand_id AND also.type + '|' + also.value IN others
    })
    AND ($segment IS NULL OR EXISTS {
      MATCH (exact)-[:HAS_PREDICTION]->(scored:Prediction) WHERE scored.brand_id = $brand_id AND scored.segment = $segment
    })
  RETURN p, '' AS value
  UNION
  UNWIND $ranges AS range
  CALL (range, exact) {
    MATCH (i:Identifier)
    USING INDEX SEEK i:Identifier(brand_id, value)
    WHERE i.brand_id = $brand_id AND i.value >= range[0] AND i.value <= range[2]
    MATCH (i)<-[:HAS_IDENTIFIER]-(p:Profile)
    WHERE i.value STARTS WITH range[1] AND (i.value > $value OR p.profile_id > $after)
      AND (exact IS NULL OR p <> exact)
      AND NOT EXISTS {
        MATCH (p)-[:HAS_IDENTIFIER]->(less:Identifier)
        WHERE (less.value < i.value OR less.value = i.value AND less.type < i.type)
          AND any(other IN $ranges WHERE less.value STARTS WITH other[1])
      }
      AND all(others IN $groups WHERE EXISTS {
        MATCH (p)-[:HAS_IDENTIFIER]->(also:Identifier)
        WHERE also.brand_id = $brand_id AND also.type + '|' + also.value IN others
      })
      AND ($segment IS NULL OR EXISTS {
        MATCH (p)-[:HAS_PREDICTION]->(scored:Prediction) WHERE scored.brand_id = $brand_id AND scored.segment = $segment
      })
    RETURN p, i.value AS value ORDER BY i.brand_id, i.value, p.profile_id LIMIT $limit
  }
  RETURN p, value
}
WITH p, value ORDER BY value, p.profile_id LIMIT $limit
RETURN p {
  .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
  created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
  held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
    [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]]
} AS profile, value
