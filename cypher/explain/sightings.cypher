// Events by their ids, and for each identifier the earliest events and imports that carried it (of 1,000 looked at).
// in: brand_id, events [ids], identifiers [type|value], each (events an identifier); out: sighting
CALL () {
  UNWIND $events AS id
  MATCH (e:Event {key: $brand_id + '|' + id})
  RETURN e
  UNION
  UNWIND $identifiers AS text
  CALL (text) {
    MATCH (:Identifier {key: $brand_id + '|' + text})<-[:CARRIES]-(e)
    WITH e LIMIT 1000
    RETURN e ORDER BY e.clock, e.key LIMIT $each
  }
  RETURN e
}
RETURN e {
  .source, .clock, .outcome, event_id: coalesce(e.event_id, e.profile_id), type: coalesce(e.type, 'profile_import'),
  occurred_at: coalesce(e.occurred_at, e.created_at).epochMillis, profile_id: coalesce(e.answered_profile_id, e.profile_id),
  person: [(e)-[:ATTACHED_TO]->(p:Profile) | p.profile_id] + [(e)-[:FOUNDED]->()-[:MERGED_INTO*0..]->(p:Profile) | p.profile_id],
  identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value, i.standing]]
} AS sighting
