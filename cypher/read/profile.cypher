// Who answers for a profile id, of today or absorbed. in: brand_id, profile_id; out: profile, or no row
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
RETURN p {
  .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
  created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
  held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
    [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]]
} AS profile
