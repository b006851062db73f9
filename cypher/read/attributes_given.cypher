// Events and imports that said something of people, the newest first. What they said stands in them as JSON text.
// in: brand_id, profile_ids, looked_at (events of each person: those stored last, which a back-fill may fill with old ones, as
//     ordering all of somebody's by time would read them all), limit (of those, how many)
// out: profile_id, giver {given_by, source, at, text, import}
UNWIND $profile_ids AS id
MATCH (p:ProfileId {key: $brand_id + '|' + id})
CALL (p) {
  CALL (p) {
    MATCH (p)<-[:ATTACHED_TO]-(e:Event)
    WITH e LIMIT $looked_at
    WITH e WHERE NOT e.facts CONTAINS '"attributes":[]'
    RETURN {given_by: e.event_id, source: e.source, at: e.occurred_at.epochMillis, text: e.facts, import: false} AS giver
    ORDER BY giver.at DESC, giver.given_by LIMIT $limit
    UNION ALL
    MATCH (p)<-[:MERGED_INTO*0..]-(:ProfileId)<-[:FOUNDED]-(n:ProfileImport)
    WHERE n.attributes <> '[]'
    RETURN {given_by: n.profile_id, source: n.source, at: n.created_at.epochMillis, text: n.attributes, import: true} AS giver
    ORDER BY giver.at DESC, giver.given_by LIMIT $limit
  }
  RETURN giver
}
RETURN p.profile_id AS profile_id, giver
