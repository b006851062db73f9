// What each of these people did until a moment: orders and other events, each the latest so many, the newest first. An order
// that was called off by then is none; what a shop did with an order is nothing that its buyer did.
// in: asked (one map): brand_id, profiles [profile ids], at (epoch milliseconds), most_orders, most_others (of one person),
//     not_theirs [types]
// out: profile_id, orders [[epoch milliseconds, minor units or null, currency]], others [epoch milliseconds], currency
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})
WHERE p:Profile
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WITH e, datetime({epochMillis: $asked.at}) AS at
  WHERE e.occurred_at <= at AND (e.cancelled_at IS NULL OR e.cancelled_at > at)
  WITH e, at ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_orders
  CALL (e, at) {
    // Where the last word on an order is still to come, what was said before it.
    MATCH (e)-[:OF_ORDER]->(:Order)<-[:OF_ORDER]-(u:Event {type: 'order_updated'})
    WHERE e.revised_at > at AND u.occurred_at >= e.occurred_at AND u.value_minor IS NOT NULL AND u.occurred_at <= at
      AND (u.occurred_at > e.occurred_at OR coalesce(u.revision, 0) >= coalesce(e.revision, 0))
    WITH u ORDER BY u.occurred_at DESC, coalesce(u.revision, 0) DESC, u.event_id DESC
    RETURN collect([u.value_minor, u.currency])[0] AS said
  }
  WITH e, CASE WHEN e.revised_at <= at THEN [e.revised_minor, e.revised_currency] ELSE coalesce(said, [e.value_minor, e.currency]) END AS paid
  RETURN collect([e.occurred_at.epochMillis, paid[0], paid[1]]) AS orders
}
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WHERE e.type <> 'purchase' AND NOT e.type IN $asked.not_theirs AND e.occurred_at <= datetime({epochMillis: $asked.at})
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_others
  RETURN collect(e.occurred_at.epochMillis) AS others
}
RETURN p.profile_id AS profile_id, orders, others, p.currency AS currency
