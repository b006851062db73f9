// Who answers for profile ids today, with what an automation asks of a person: profile, identifiers, what was learnt, the
// last purchase and WhatsApp message until the clock, and what may be a wish to get (no) messages, also of those who hold an
// address of theirs as well.
// in: asked (one map): brand_id, profiles [ids], as_of (epoch milliseconds), may_say (a pattern of message properties),
//     consents [names of attributes], addresses [types of identifiers that messages go to], written [types of events that are
//     messages of people] and answered [types of identifiers that these come from]
// out: ids, profile, features, prediction, journey, bought, wrote (epoch milliseconds), messages [[type, at, properties]],
//      sharing [[type, value, attributes (JSON) of who holds it as well]]
UNWIND $asked.profiles AS id
MATCH (:ProfileId {key: $asked.brand_id + '|' + id})-[:MERGED_INTO*0..]->(p:Profile)
WITH p, collect(DISTINCT id) AS ids
CALL (p) {
  MATCH (p)<-[:ATTACHED_TO]-(e:Event)
  WHERE e.type = 'purchase' OR e.type IN $asked.written
  WITH e, e.occurred_at.epochMillis AS at
  RETURN max(CASE WHEN e.type = 'purchase' AND at <= $asked.as_of
      AND coalesce(e.cancelled_at.epochMillis > $asked.as_of, true) THEN at END) AS bought,
    max(CASE WHEN e.type = 'whatsapp_message' AND at <= $asked.as_of THEN at END) AS wrote,
    collect(CASE WHEN e.type <> 'purchase' AND e.properties =~ $asked.may_say THEN [e.type, at, e.properties] END) AS said
}
CALL (p) {
  MATCH (p)-[:HAS_IDENTIFIER]->(i:Identifier)<-[:CARRIES]-(e:Event)
  WHERE i.type IN $asked.answered AND e.type IN $asked.written
    AND e.properties =~ $asked.may_say
  RETURN collect(DISTINCT [e.type, e.occurred_at.epochMillis, e.properties]) AS heard
}
CALL (p) {
  MATCH (p)-[:HAS_IDENTIFIER]->(i:Identifier)
  WHERE i.type IN $asked.addresses
  WITH p, i, replace(i.value, '+', '') AS digits
  // One person's phone may be another's WhatsApp.
  UNWIND CASE WHEN i.type IN ['phone', 'whatsapp'] THEN ['|phone|' + digits, '|whatsapp|+' + digits]
    ELSE ['|' + i.type + '|' + i.value] END AS name
  MATCH (same:Identifier {key: $asked.brand_id + name})<-[:HAS_IDENTIFIER]-(other:Profile)
  USING INDEX SEEK same:Identifier(key)
  WHERE other <> p AND any(consent IN $asked.consents WHERE other.attributes CONTAINS consent)
  RETURN collect(DISTINCT [i.type, i.value, other.attributes]) AS sharing
}
RETURN ids, bought, wrote, said + heard AS messages, sharing,
  p {
    .profile_id, .clock, .profile_strength, .lifetime_value_minor, .currency, .total_orders, .attributes,
    held: [(p)-[:HAS_IDENTIFIER]->(i:Identifier) WHERE i.type IN $asked.addresses |
      [i.type, i.value, i.last_seen.epochMillis]]
  } AS profile,
  [(p)-[:HAS_FEATURES]->(f:FeatureSet) | f {
    .*, first_order_at: f.first_order_at.epochMillis, previous_order_at: f.previous_order_at.epochMillis,
    last_order_at: f.last_order_at.epochMillis, last_activity_at: f.last_activity_at.epochMillis,
    as_of: f.as_of.epochMillis, built_at: f.built_at.epochMillis, mean_gap_days: f.mean_gap_days
  }][0] AS features,
  [(p)-[:HAS_PREDICTION]->(s:Prediction) | s {.*, as_of: s.as_of.epochMillis}][0] AS prediction,
  [(p)-[:HAS_JOURNEY]->(j:CustomerJourney) | properties(j)][0] AS journey
