// The first rows of a brand that wait to be placed, in the order (clock, event id).
// in: brand_id, limit; out: id, profile_id, clock
MATCH (o:Outbox)
WHERE o.brand_id = $brand_id AND o.pending >= 0
RETURN elementId(o) AS id, o.profile_id AS profile_id, o.pending AS clock
ORDER BY o.brand_id, o.pending, o.event_id LIMIT $limit
