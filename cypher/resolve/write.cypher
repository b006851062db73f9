// Writes the common part of a plan in one round trip. Rows do not depend on each other; blocks run in this order.
// in: plan (one map: sizes of list parameters would be part of the plan cache key): brand_id, founded, profiles, identifiers, holds,
//     events, visits, intents, closed, reckoned [{event, cancelled_at [], revised_minor, revised_currency, revised_at []}]
CALL () {
  UNWIND $plan.founded AS row
  CREATE (p:ProfileId:Profile)
  SET p = row.set, p.created_at = datetime({epochMillis: row.created_at}),
      p.first_seen = datetime({epochMillis: row.first_seen}), p.last_seen = datetime({epochMillis: row.last_seen}),
      p.search_changed_at = timestamp(), p.untold = row.set.clock
}
CALL () {
  UNWIND $plan.profiles AS row
  MATCH (p:ProfileId {key: row.set.key})
  FOREACH (new IN CASE WHEN p.search = row.set.search THEN [] ELSE [p] END | SET new.search_changed_at = timestamp())
  SET p += row.set, p.first_seen = datetime({epochMillis: row.first_seen}), p.last_seen = datetime({epochMillis: row.last_seen})
}
CALL () {
  UNWIND $plan.identifiers AS row
  MATCH (i:Identifier {key: row.set.key})
  SET i += row.set
  FOREACH (at IN row.first_seen | SET i.first_seen = datetime({epochMillis: at}))
  FOREACH (at IN row.last_seen | SET i.last_seen = datetime({epochMillis: at}))
}
CALL () {
  UNWIND $plan.holds AS row
  MATCH (p:ProfileId {key: row.profile})
  MATCH (i:Identifier {key: row.identifier})
  MERGE (p)-[held:HAS_IDENTIFIER]->(i)
    ON CREATE SET held.merge_id = row.merge_id
}
CALL () {
  UNWIND $plan.events AS row
  CREATE (e:Event)
  SET e = row.set, e.occurred_at = datetime({epochMillis: row.occurred_at}), e.received_at = datetime({epochMillis: row.received_at})
  FOREACH (waits IN CASE row.set.outcome WHEN 'parked' THEN [e] ELSE [] END | SET waits:Parked)
  WITH e, row
  CALL (e, row) {
    UNWIND row.profile AS key
    MATCH (p:ProfileId {key: key})
    CREATE (e)-[:ATTACHED_TO {merge_id: row.moved_by}]->(p)
  }
  CALL (e, row) {
    UNWIND row.identifiers AS key
    MATCH (i:Identifier {key: key})
    CREATE (e)-[:CARRIES]->(i)
  }
  CALL (e, row) {
    UNWIND row.order AS key
    MATCH (o:Order {key: key})
    CREATE (e)-[:OF_ORDER]->(o)
  }
  CREATE (:Outbox {brand_id: $plan.brand_id, kind: 'event', event_id: e.event_id, profile_id: e.answered_profile_id, pending: e.clock})
}
CALL () {
  UNWIND $plan.visits AS row
  MATCH (e:Event {key: row.event})
  CREATE (e)-[:RECORDED]->(v:StoreVisit)
  SET v = row.set, v.check_in_at = datetime({epochMillis: row.check_in_at})
  FOREACH (at IN row.check_out_at | SET v.check_out_at = datetime({epochMillis: at}))
}
CALL () {
  UNWIND $plan.intents AS row
  MATCH (e:Event {key: row.event})
  CREATE (e)-[:SHOWED]->(n:ProductIntent)
  SET n = row.set
}
CALL () {
  UNWIND $plan.closed AS row
  MATCH (n:ProductIntent {key: row.key})
  SET n.status = row.status, n.converted_by = row.converted_by
}
CALL () {
  UNWIND $plan.reckoned AS row
  MATCH (e:Event {key: row.event})
  SET e.revised_minor = row.revised_minor, e.revised_currency = row.revised_currency, e.revised_at = null, e.cancelled_at = null
  FOREACH (at IN row.cancelled_at | SET e.cancelled_at = datetime({epochMillis: at}))
  FOREACH (at IN row.revised_at | SET e.revised_at = datetime({epochMillis: at}))
}
