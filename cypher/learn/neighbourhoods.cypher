// What stands around each of these people: what they did until a moment, and the identifiers they hold today. An order that was
// called off by then is no purchase, one that was revised by then comes to what was said of it last by then.
// in: asked (one map): brand_id, profiles [profile ids], as_of (epoch milliseconds), orders (most orders of one person),
//     fades [days, in which an order fades to 1/e]
// out: profile_id, clock, events (how many the profile itself counts), currency, strength, opening [currency|minor], opening_orders, constituents,
//      seen [{type, source, known, n, minor, first, last, turned and turns (the last and the next times that an order was, and is
//      to be, called off or revised)}], gap_squares (days^2),
//      order_pulses and money_pulses (of each of fades, as of the last order: faded orders, and their money), orders [[at, facts]] the newest first, visits, minutes, intents,
//      held [[type, n]], shared, shared_degree, near
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})
WHERE p:Profile
// The clock is read before anything else. Reads see whatever is committed at their own moment, so somebody may commit between
// any two of them: a clock from before says less than what is read after it, and the next run builds anew. A clock from after
// would say that what came in between is in the features.
WITH p, p.clock AS clock, p.event_count AS events, datetime({epochMillis: $asked.as_of}) AS at
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  CALL (e, at) {
    // Where the last word on an order is still to come, what was said before it. Of one moment the highest revision counts.
    MATCH (e)-[:OF_ORDER]->(:Order)<-[:OF_ORDER]-(u:Event {type: 'order_updated'})
    WHERE e.revised_at > at AND e.type = 'purchase' AND u.occurred_at >= e.occurred_at AND u.value_minor IS NOT NULL
      AND (u.occurred_at > e.occurred_at OR coalesce(u.revision, 0) >= coalesce(e.revision, 0))
    WITH u, at ORDER BY u.occurred_at DESC, coalesce(u.revision, 0) DESC, u.event_id DESC
    WITH collect([u.currency, u.value_minor, u.occurred_at, u.occurred_at <= at]) AS words
    RETURN [one IN words WHERE one[3]][0] AS said, [one IN words WHERE NOT one[3]][-1] AS next
  }
  WITH CASE WHEN e.cancelled_at <= at THEN 'order_cancelled' ELSE e.type END AS type, e.source AS source, e.occurred_at <= at AS known,
    e, said, next, CASE WHEN e.revised_at <= at THEN [e.revised_currency, e.revised_minor] ELSE coalesce(said, [e.currency, e.value_minor]) END AS paid
  WITH type, source, known, e, said, next, CASE WHEN paid[0] = p.currency THEN coalesce(paid[1], 0) ELSE 0 END AS minor
  WITH type, source, known, count(*) AS n, sum(minor) AS minor, min(e.occurred_at) AS first, max(e.occurred_at) AS last,
    max(CASE WHEN e.cancelled_at <= at THEN e.cancelled_at END) AS cancelled,
    max(CASE WHEN e.revised_at <= at THEN e.revised_at ELSE said[2] END) AS revised,
    min(CASE WHEN e.cancelled_at > at THEN e.cancelled_at END) AS to_cancel,
    min(CASE WHEN e.revised_at > at THEN coalesce(next[2], e.revised_at) END) AS to_revise
  RETURN collect({
    type: type, source: source, known: known, n: n, minor: minor, first: first.epochMillis, last: last.epochMillis,
    turned: [cancelled.epochMillis, revised.epochMillis], turns: [to_cancel.epochMillis, to_revise.epochMillis]
  }) AS seen
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WHERE e.occurred_at <= at AND (e.cancelled_at IS NULL OR e.cancelled_at > at)
  CALL (e, at) {
    MATCH (e)-[:OF_ORDER]->(:Order)<-[:OF_ORDER]-(u:Event {type: 'order_updated'})
    WHERE e.revised_at > at AND u.occurred_at >= e.occurred_at AND u.value_minor IS NOT NULL AND u.occurred_at <= at
      AND (u.occurred_at > e.occurred_at OR coalesce(u.revision, 0) >= coalesce(e.revision, 0))
    WITH u ORDER BY u.occurred_at DESC, coalesce(u.revision, 0) DESC, u.event_id DESC
    RETURN collect([u.currency, u.value_minor])[0] AS said
  }
  WITH e.occurred_at.epochMillis AS day,
    CASE WHEN e.revised_at <= at THEN [e.revised_currency, e.revised_minor] ELSE coalesce(said, [e.currency, e.value_minor]) END AS paid
  WITH day, CASE WHEN paid[0] = p.currency THEN coalesce(paid[1], 0) ELSE 0 END AS minor ORDER BY day
  WITH collect(day) AS days, collect(minor) AS minors
  WITH days, minors, range(0, size(days) - 1) AS places,
    reduce(squares = 0.0, n IN range(1, size(days) - 1) | squares + ((days[n] - days[n - 1]) / 86400000.0) ^ 2) AS gap_squares
  // A list comprehension keeps what it is made of, in every row of what is read below: of 10,000 orders more than a transaction may take.
  UNWIND $asked.fades AS fade
  WITH gap_squares, reduce(sum = 0.0, n IN places | sum + exp((days[n] - days[-1]) / (86400000.0 * fade))) AS order_pulse,
    reduce(sum = 0.0, n IN places | sum + minors[n] * exp((days[n] - days[-1]) / (86400000.0 * fade))) AS money_pulse
  RETURN gap_squares, collect(order_pulse) AS order_pulses, collect(money_pulse) AS money_pulses
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WHERE e.occurred_at <= at AND (e.cancelled_at IS NULL OR e.cancelled_at > at)
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.orders
  RETURN collect([e.occurred_at.epochMillis, e.facts]) AS orders
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)-[:RECORDED]->(v:StoreVisit)
  WHERE e.occurred_at <= at
  RETURN count(v) AS visits, sum(v.duration_minutes) AS minutes
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)-[:SHOWED]->(n:ProductIntent)
  WHERE e.occurred_at <= at
  OPTIONAL MATCH (by:Event {key: $asked.brand_id + '|' + n.converted_by})
  WITH n, by WHERE n.status = 'active' OR by.occurred_at > at
  RETURN count(n) AS intents
}
CALL (p) {
  MATCH (p)-[:HAS_IDENTIFIER]->(i:Identifier)
  WITH i.type AS type, count(*) AS n ORDER BY type
  RETURN collect([type, n]) AS held
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)-[:CARRIES]->(i:Identifier {standing: 'shared'})
  WHERE e.occurred_at <= at
  RETURN count(DISTINCT i) AS shared, count(*) AS shared_degree
}
CALL (p) {
  MATCH (p)-[:HAS_IDENTIFIER]->(:Identifier)<-[:HAS_IDENTIFIER]-(near:Profile)
  WHERE near <> p
  WITH DISTINCT near LIMIT 100
  RETURN count(near) AS near
}
RETURN p.profile_id AS profile_id, clock, events, p.currency AS currency, p.profile_strength AS strength,
  p.opening_spend AS opening, p.opening_orders AS opening_orders, size(p.absorbed) + 1 AS constituents,
  seen, gap_squares, order_pulses, money_pulses, orders, visits, minutes, intents, held, shared, shared_degree, near
