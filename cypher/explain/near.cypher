// What was seen of people, and of others through the same identifiers (blocked ones are nobody's, and left out).
// in: brand_id, profile_ids, events (of each person), identifiers (carried by these), each (events an identifier)
// out: sighting
UNWIND $profile_ids AS id
MATCH (p:ProfileId {key: $brand_id + '|' + id})
CALL (p) {
  CALL (p) {
    MATCH (p)<-[:ATTACHED_TO]-(e:Event)
    RETURN e LIMIT $events
    UNION
    MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)<-[:FOUNDED]-(e:ProfileImport)
    RETURN e LIMIT $events
  }
  RETURN collect(e) AS own
}
CALL (own) {
  UNWIND own AS e
  RETURN e
  UNION
  CALL (own) {
    UNWIND own AS e
    MATCH (e)-[:CARRIES]->(i:Identifier)
    WHERE i.standing <> 'blocked'
    RETURN DISTINCT i LIMIT $identifiers
  }
  CALL (i) {
    MATCH (i)<-[:CARRIES]-(e)
    RETURN e LIMIT $each
  }
  RETURN e
}
RETURN e {
  .source, .clock, .outcome, event_id: coalesce(e.event_id, e.profile_id), type: coalesce(e.type, 'profile_import'),
  occurred_at: coalesce(e.occurred_at, e.created_at).epochMillis, profile_id: coalesce(e.answered_profile_id, e.profile_id),
  person: [(e)-[:ATTACHED_TO]->(q:Profile) | q.profile_id] + [(e)-[:FOUNDED]->()-[:MERGED_INTO*0..]->(q:Profile) | q.profile_id],
  identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value, i.standing]]
} AS sighting
