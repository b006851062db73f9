// One step of a region's closure: the entries that carry identifiers, beside entries already known; the identifiers that
// all of these carry, with their standing, and those that a person judged to be of one with them (a split's groups, which no
// evidence need hold together); the profile ids that these entries founded, and where each leads; and the entries that
// founded whoever a person judged to be the same, or that tell of the same orders.
// in: touched (one map): brand_id, identifiers [keys], entries [keys], limit (of entries), learnt (whether to tell it)
// out: one row {events [keys], imports [keys], identifiers [{type, value, standing, declared, seen_with, through}],
//     issued [{profile_id, founded_by, founded_on, live, into, merge_id}], orders [[source, order_id]] (of which something is
//     attached to nobody), founders [keys]}
CALL () {
  CALL () {
    UNWIND $touched.identifiers AS key
    MATCH (i:Identifier {key: key})<-[:CARRIES]-(n)
    USING INDEX SEEK i:Identifier(key)
    RETURN n
    UNION
    UNWIND $touched.entries AS key
    MATCH (n:Event {key: key})
    RETURN n
    UNION
    UNWIND $touched.entries AS key
    MATCH (n:ProfileImport {key: key})
    RETURN n
  }
  WITH DISTINCT n LIMIT $touched.limit
  RETURN collect(n) AS found
}
CALL (found) {
  UNWIND found AS n
  MATCH (n)-[:CARRIES]->(i:Identifier)
  WITH collect(DISTINCT i) AS carried
  CALL (carried) {
    UNWIND carried AS i
    MATCH (i)<-[:SPEAKS_OF]-(j:Judgement)-[:SPEAKS_OF]->(other:Identifier)
    WHERE j.kind <> 'distinct'
    RETURN collect(DISTINCT other) AS judged
  }
  UNWIND carried + judged AS i
  WITH DISTINCT i
  RETURN collect(i {
    .type, .value, .standing, .declared,
    seen_with: CASE WHEN $touched.learnt THEN i.seen_with END, through: CASE WHEN $touched.learnt THEN i.through END
  }) AS identifiers
}
CALL (found) {
  UNWIND found AS n
  MATCH (p:ProfileId {founded_by: coalesce(n.event_id, n.profile_id)})
  WHERE p.brand_id = $touched.brand_id
  RETURN collect(p) AS founded
}
CALL (founded) {
  UNWIND founded AS p
  OPTIONAL MATCH (p)-[led:MERGED_INTO]->(into:ProfileId)
  RETURN collect(p {
    .profile_id, .founded_by, .founded_on, live: p:Profile, into: into.profile_id, merge_id: led.merge_id
  }) AS issued
}
CALL (found) {
  UNWIND found AS n
  MATCH (n)-[:OF_ORDER]->(o)
  RETURN collect(DISTINCT o) AS placed
}
CALL (placed) {
  UNWIND placed AS o
  MATCH (o)<-[:OF_ORDER]-(e) WHERE NOT EXISTS { (e)-[:ATTACHED_TO]->() }
  RETURN collect(DISTINCT [o.source, o.order_id]) AS waiting
}
CALL (founded, placed) {
  CALL (founded, placed) {
    UNWIND founded AS p
    MATCH (p)<-[:SPEAKS_OF]-(j:Judgement)-[:SPEAKS_OF]->(other:ProfileId)
    WHERE j.kind <> 'distinct'
    RETURN $touched.brand_id + '|' + other.founded_by AS entry
    UNION
    UNWIND placed AS o
    WITH o WHERE COUNT { (o)<-[:OF_ORDER]-() } > 1  // of most orders nothing else is told
    MATCH (o)<-[:OF_ORDER]-(e)
    RETURN e.key AS entry
  }
  RETURN collect(entry) AS founders
}
RETURN [n IN found WHERE n:Event | n.key] AS events, [n IN found WHERE n:ProfileImport | n.key] AS imports,
  identifiers, issued, waiting AS orders, founders
