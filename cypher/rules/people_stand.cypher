// What stands of people, for whoever queries the graph: every property, and what they hold by which merge.
// in: touched (one map): profiles [keys]; out: person {..., held [[type, value, merge_id]]} (times are epoch milliseconds)
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})
USING INDEX SEEK p:ProfileId(key)
RETURN p {
  .*, created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
  held: [(p)-[held:HAS_IDENTIFIER]->(i:Identifier) | [i.type, i.value, held.merge_id]]
} AS person
