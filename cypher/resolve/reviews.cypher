// Open links, and the reviews they make: who waits in each, and for what, is written anew. An ended review has no candidates, and
// keeps the links that it was decided on.
// in: plan (one map: sizes of list parameters would be part of the plan cache key): links [{set, opened_at}], reviews [{set, created_at, candidates [keys], links [keys]}]
CALL () {
  UNWIND $plan.links AS row
  MERGE (l:OpenLink {key: row.set.key})
  SET l = row.set, l.opened_at = datetime({epochMillis: row.opened_at})
}
CALL () {
  UNWIND $plan.reviews AS row
  MERGE (r:MergeReview {key: row.set.key})
  WITH r, row, coalesce(r.version, 0) AS before, r.status AS was
  SET r += row.set, r.created_at = datetime({epochMillis: row.created_at}),
      // An ended review that comes back was not read with the neighbourhood; its version goes on, never back.
      r.version = CASE WHEN was <> 'pending' AND before >= row.set.version THEN before + 1 ELSE row.set.version END
  WITH r
  MATCH (r)-[was:CANDIDATE]->()
  DELETE was
}
CALL () {
  UNWIND $plan.reviews AS row
  MATCH (r:MergeReview {key: row.set.key})
  CALL (r, row) {
    UNWIND row.candidates AS key
    MATCH (p:ProfileId {key: key})
    CREATE (r)-[:CANDIDATE]->(p)
  }
  CALL (r, row) {
    UNWIND row.links AS key
    MATCH (l:OpenLink {key: key})
    MERGE (l)-[:PART_OF]->(r)
  }
  CALL (r, row) {
    MATCH (l:OpenLink)-[was:PART_OF]->(r)
    WHERE r.status = 'pending' AND NOT l.key IN row.links
    DELETE was
  }
}
