// People found by their words, the best first, of one rank by profile id; before them the one whose id, of today or absorbed,
// is asked for exactly. The index is a moment late: whose words are fresh (read/fresh_words) is not looked for in it, but
// given with the rank that they have. Looks at the `most` best of the index.
// in: brand_id, id, query (Lucene, app/domain/search.py; every word carries the brand), fresh [profile ids], known
//     [{profile_id, rank}] (those of them that are found), most, groups [[type|value]] (of each they must hold one as well),
//     segment (or null), rank and after (where the page before ended), limit; out: profile, rank
CALL () {
  MATCH (:ProfileId {key: $brand_id + '|' + $id})-[:MERGED_INTO*0..]->(p:Profile)
  RETURN p, 1000000 AS rank
  UNION ALL
  CALL db.index.fulltext.queryNodes('profile_search', $query, {limit: $most}) YIELD node AS p, score
  WHERE p:Profile AND NOT p.profile_id IN $fresh
  RETURN p, toInteger(score) AS rank
  UNION ALL
  UNWIND $known AS one
  MATCH (p:ProfileId:Profile {key: $brand_id + '|' + one.profile_id})
  RETURN p, one.rank AS rank
}
WITH p, rank WHERE p.brand_id = $brand_id
  AND all(others IN $groups WHERE EXISTS {
    MATCH (p)-[:HAS_IDENTIFIER]->(also:Identifier)
    WHERE also.brand_id = $brand_id AND also.type + '|' + also.value IN others
  })
  AND ($segment IS NULL OR EXISTS {
    MATCH (p)-[:HAS_PREDICTION]->(scored:Prediction) WHERE scored.brand_id = $brand_id AND scored.segment = $segment
  })
WITH p, max(rank) AS rank
WITH p, rank, p.profile_id AS id WHERE rank < $rank OR rank = $rank AND id > $after
WITH p, rank ORDER BY rank DESC, id LIMIT $limit
RETURN p {
  .profile_id, .profile_strength, .lifetime_value_minor, .currency, .spend, .total_orders, .absorbed, .attributes,
  created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
  held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) |
    [i.type, i.value, i.first_seen.epochMillis, i.last_seen.epochMillis, i.source]]
} AS profile, rank
