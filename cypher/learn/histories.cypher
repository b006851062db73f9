// What each of these people did until a moment: orders and other events, each the latest so many, the newest first.
// in: asked (one map): brand_id, profiles [profile ids], at (epoch milliseconds), most_orders, most_others (of one person)
// out: profile_id, orders [[epoch milliseconds, minor units or null, currency]], others [epoch milliseconds], currency
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})
WHERE p:Profile
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WHERE e.occurred_at <= datetime({epochMillis: $asked.at})
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_orders
  RETURN collect([e.occurred_at.epochMillis, e.value_minor, e.currency]) AS orders
}
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WHERE e.type <> 'purchase' AND e.occurred_at <= datetime({epochMillis: $asked.at})
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_others
  RETURN collect(e.occurred_at.epochMillis) AS others
}
RETURN p.profile_id AS profile_id, orders, others, p.currency AS currency
