// Locks what a batch touches and reads it: identifiers, then orders, then who holds or placed them, each in sorted order, then
// reads again.
// REMOVE of an absent property takes the write lock and changes nothing (cypher/migrate/lock makes its name known);
// MERGE of what exists would lock nothing.
// in: touched (one map: sizes of list parameters would be part of the plan cache key): brand_id, identifiers [{key, type, value}] (sorted by key), blocked (the same, never locked),
//     orders [{key, source, order_id}] (sorted by key), profiles [keys] (to lock and read besides, sorted), events [keys],
//     imports [keys]. Times are epoch milliseconds.
// out: one row {identifiers, orders, profiles, events, imports, rules: the version in force, read when all is locked}
MERGE (:Brand {brand_id: $touched.brand_id})
WITH 1 AS begun
CALL () {
  UNWIND $touched.blocked AS row
  MERGE (i:Identifier {key: row.key})
    ON CREATE SET i.brand_id = $touched.brand_id, i.type = row.type, i.value = row.value, i.standing = 'blocked', i.clock = 0
}
CALL () {
  UNWIND $touched.identifiers AS row
  MERGE (i:Identifier {key: row.key})
    ON CREATE SET i.brand_id = $touched.brand_id, i.type = row.type, i.value = row.value, i.standing = 'linkable', i.clock = 0
  WITH i ORDER BY i.key
  REMOVE i.lock
  RETURN collect(i) AS carried
}
CALL (carried) {
  UNWIND $touched.orders AS row
  MERGE (o:Order {key: row.key})
    ON CREATE SET o.brand_id = $touched.brand_id, o.source = row.source, o.order_id = row.order_id
  WITH o ORDER BY o.key
  REMOVE o.lock
  RETURN collect(o) AS ordered
}
CALL (carried, ordered) {
  CALL (carried, ordered) {
    UNWIND carried AS i
    MATCH (p:Profile)-[:HAS_IDENTIFIER]->(i)
    RETURN p
    UNION ALL
    UNWIND ordered AS o
    MATCH (o)<-[:OF_ORDER]-()-[:ATTACHED_TO]->(p:Profile)
    RETURN p
  }
  RETURN collect(DISTINCT p) AS met
}
CALL (met) {
  CALL () {
    UNWIND $touched.profiles AS key
    MATCH (p:ProfileId {key: key})
    RETURN collect(p) AS asked
  }
  UNWIND met + asked AS p
  WITH DISTINCT p ORDER BY p.key
  REMOVE p.lock
  RETURN collect(p) AS locked
}
CALL (carried, locked) {
  UNWIND carried AS i
  OPTIONAL MATCH (p:Profile)-[:HAS_IDENTIFIER]->(i)
  WITH i, collect(p.profile_id) AS holders
  RETURN collect(i {
    .type, .value, .standing, .declared, .seen_with, .through, .tags, .clock, .source,
    first_seen: i.first_seen.epochMillis, last_seen: i.last_seen.epochMillis, holders: holders
  }) AS identifiers
}
CALL (ordered, locked) {
  UNWIND ordered AS o
  RETURN collect(o {.source, .order_id, told: COLLECT {
    MATCH (o)<-[:OF_ORDER]-(e)
    OPTIONAL MATCH (e)-[:ATTACHED_TO]->(p:Profile)
    RETURN e {
      .event_id, .type, .clock, .matched, .revision, .backfill, .currency, minor: e.value_minor, at: e.occurred_at.epochMillis,
      profile_id: p.profile_id, facts: CASE e.type WHEN 'purchase' THEN e.facts END
    }
  }}) AS orders
}
CALL (locked) {
  UNWIND locked AS p
  WITH p WHERE p:Profile
  RETURN collect(p {
    .*, created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
    waits: EXISTS { (p)<-[:CANDIDATE]-() }
  }) AS profiles
}
CALL (identifiers) {
  UNWIND $touched.events AS key
  CALL (key) {
    MATCH (e:Event {key: key})
    RETURN e
    UNION ALL
    MATCH (e:ErasedEvent {key: key})
    RETURN e
  }
  RETURN collect(e {.event_id, .type, .outcome, .answered_profile_id, .merge_id, .review_id, .request_id}) AS events
}
CALL (identifiers) {
  UNWIND $touched.imports AS key
  MATCH (n:ProfileId {key: key})
  OPTIONAL MATCH (made:ProfileImport {key: key})
  RETURN collect(n {
    .profile_id, fingerprint: made.fingerprint, request_id: made.request_id, erased: n.erased_at IS NOT NULL
  }) AS imports
}
MATCH (b:Brand {brand_id: $touched.brand_id})
RETURN identifiers, orders, profiles, events, imports, coalesce(b.rules, '0') AS rules
