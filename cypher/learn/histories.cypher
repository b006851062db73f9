// What people of a brand did until a moment, by profile id: orders and other events, each the latest so many.
// in: brand_id, after (the last id of the page before, or ''), limit, at (epoch milliseconds), most (of one person)
// out: profile_id, orders [[epoch milliseconds, minor units or null, currency]], others [epoch milliseconds], currency
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.profile_id > $after
WITH p ORDER BY p.brand_id, p.profile_id LIMIT $limit
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WHERE e.occurred_at <= datetime({epochMillis: $at})
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $most
  RETURN collect([e.occurred_at.epochMillis, e.value_minor, e.currency]) AS orders
}
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WHERE e.type <> 'purchase' AND e.occurred_at <= datetime({epochMillis: $at})
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $most
  RETURN collect(e.occurred_at.epochMillis) AS others
}
RETURN p.profile_id AS profile_id, orders, others, p.currency AS currency
