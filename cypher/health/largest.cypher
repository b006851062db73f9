// The people with the most events: of the highest powers of two, the first ones up to a limit are looked at.
// in: brand_id, limit (looked at), most (returned); out: profile_id, events, identifiers, absorbed, reviews [ids]
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.size_class >= 0
WITH p ORDER BY p.brand_id DESC, p.size_class DESC LIMIT $limit
WITH p ORDER BY p.event_count DESC, p.profile_id LIMIT $most
RETURN p.profile_id AS profile_id, p.event_count AS events, COUNT { (p)-[:HAS_IDENTIFIER]->() } AS identifiers,
  size(p.absorbed) AS absorbed, [(r:MergeReview)-[:CANDIDATE]->(p) | r.review_id] AS reviews
ORDER BY events DESC, profile_id
