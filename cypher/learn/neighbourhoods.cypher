// What stands around each of these people: what they did until a moment, and the identifiers they hold today.
// in: asked (one map): brand_id, profiles [profile ids], as_of (epoch milliseconds), orders (most orders of one person)
// out: profile_id, clock, currency, strength, opening [currency|minor], opening_orders, constituents, seen [{type, source, known, n, first, last}],
//      orders [[at, minor, currency, facts]] the newest first, visits, minutes, intents, held [[type, n]], shared [[type, beside]], near
UNWIND $asked.profiles AS id
MATCH (p:ProfileId {key: $asked.brand_id + '|' + id})
WHERE p:Profile
WITH p, datetime({epochMillis: $asked.as_of}) AS at
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WITH e.type AS type, e.source AS source, e.occurred_at <= at AS known, e
  WITH type, source, known, count(*) AS n, min(e.occurred_at) AS first, max(e.occurred_at) AS last
  RETURN collect({type: type, source: source, known: known, n: n, first: first.epochMillis, last: last.epochMillis}) AS seen
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event {type: 'purchase'})
  WHERE e.occurred_at <= at
  WITH e ORDER BY e.occurred_at DESC, e.event_id LIMIT $asked.orders
  RETURN collect([e.occurred_at.epochMillis, e.value_minor, e.currency, e.facts]) AS orders
}
CALL (p, at) {
  MATCH (p)<-[:ATTACHED_TO]-(:Event)-[:RECORDED]->(v:StoreVisit)
  WHERE v.check_in_at <= at
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
  WITH DISTINCT i
  RETURN collect([i.type, size(coalesce(i.seen_with, []))]) AS shared
}
CALL (p) {
  MATCH (p)-[:HAS_IDENTIFIER]->(:Identifier)<-[:HAS_IDENTIFIER]-(near:Profile)
  WHERE near <> p
  WITH DISTINCT near LIMIT 100
  RETURN count(near) AS near
}
RETURN p.profile_id AS profile_id, p.clock AS clock, p.currency AS currency, p.profile_strength AS strength,
  p.opening_spend AS opening, p.opening_orders AS opening_orders, size(p.absorbed) + 1 AS constituents,
  seen, orders, visits, minutes, intents, held, shared, near
