// What each of these people did until a moment: orders, refunds and other events, each the latest so many, the newest first; of an
// order also what was told of it until then, since at an earlier moment it was not known yet. What a shop did with an order is
// nothing that its buyer did.
// in: asked (one map): brand_id, profiles [profile ids], at (epoch milliseconds), most_orders, most_others (of one person),
//     not_theirs [types]
// out: profile_id, orders [[epoch milliseconds, minor units or null, currency, when it was called off or null,
//      edits [[epoch milliseconds, minor units, currency]], the earliest first]], refunds [the same, without edits],
//      others [epoch milliseconds], currency
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})
WHERE p:Profile
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WITH e, datetime({epochMillis: $asked.at}) AS at
  WHERE e.occurred_at <= at
  WITH e, at ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_orders
  CALL (e, at) {
    // Of most orders nothing else is told. Of one moment the highest revision counts.
    MATCH (e)-[:OF_ORDER]->(:Order)<-[:OF_ORDER]-(u:Event {type: 'order_updated'})
    WHERE e.revised_at IS NOT NULL AND u.occurred_at >= e.occurred_at AND u.value_minor IS NOT NULL AND u.occurred_at <= at
      AND (u.occurred_at > e.occurred_at OR coalesce(u.revision, 0) >= coalesce(e.revision, 0))
    WITH u ORDER BY u.occurred_at, coalesce(u.revision, 0), u.event_id
    RETURN collect([u.occurred_at.epochMillis, u.value_minor, u.currency]) AS edits
  }
  WITH e, edits, CASE WHEN e.cancelled_at <= at THEN e.cancelled_at.epochMillis END AS ended
  RETURN collect([e.occurred_at.epochMillis, e.value_minor, e.currency, ended, edits]) AS orders
}
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'refund'})
  WITH e, datetime({epochMillis: $asked.at}) AS at
  WHERE e.occurred_at <= at
  WITH e, CASE WHEN e.cancelled_at <= at THEN e.cancelled_at.epochMillis END AS ended
  ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_orders
  WITH e, ended, CASE WHEN e.revised_at IS NULL THEN [e.value_minor, e.currency] ELSE [e.revised_minor, e.revised_currency] END AS paid
  RETURN collect([e.occurred_at.epochMillis, paid[0], paid[1], ended]) AS refunds
}
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WHERE e.type <> 'purchase' AND NOT e.type IN $asked.not_theirs AND e.occurred_at <= datetime({epochMillis: $asked.at})
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.most_others
  RETURN collect(e.occurred_at.epochMillis) AS others
}
RETURN p.profile_id AS profile_id, orders, refunds, others, p.currency AS currency
