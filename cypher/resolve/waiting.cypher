// Locks the pending reviews around profiles (already locked) and reads them whole: links, and everyone they speak of.
// in: touched (one map: sizes of list parameters would be part of the plan cache key): brand_id, profiles [keys]; out: one row {reviews, links, members, survivors [[id, who answers for it]]}
CALL () {
  UNWIND $touched.profiles AS key
  MATCH (p:ProfileId {key: key})<-[:CANDIDATE]-(r:MergeReview)
  USING INDEX SEEK p:ProfileId(key)
  WITH DISTINCT r ORDER BY r.key
  REMOVE r.lock
  RETURN collect(r) AS locked
}
CALL (locked) {
  UNWIND locked AS r
  MATCH (l:OpenLink)-[:PART_OF]->(r)
  RETURN collect(DISTINCT l) AS drawn
}
CALL (drawn) {
  UNWIND drawn AS l
  UNWIND l.profile_ids AS id
  WITH DISTINCT id
  MATCH (asked:ProfileId {key: $touched.brand_id + '|' + id})-[:MERGED_INTO*0..]->(p:Profile)
  USING INDEX SEEK asked:ProfileId(key)
  RETURN collect([id, p.profile_id]) AS survivors, collect(DISTINCT p) AS everyone
}
CALL (locked) {
  UNWIND locked AS r
  OPTIONAL MATCH (r)-[:CANDIDATE]->(p:Profile)
  WITH r, collect(p.profile_id) AS ids
  OPTIONAL MATCH (l:OpenLink)-[:PART_OF]->(r)
  WITH r, ids, collect(l.link_id) AS link_ids
  RETURN collect(r {.*, created_at: r.created_at.epochMillis, profile_ids: ids, link_ids: link_ids}) AS reviews
}
CALL (everyone, locked) {
  UNWIND everyone AS p
  RETURN collect(p {
    .*, created_at: p.created_at.epochMillis, first_seen: p.first_seen.epochMillis, last_seen: p.last_seen.epochMillis,
    waits_elsewhere: EXISTS { MATCH (p)<-[:CANDIDATE]-(other:MergeReview) WHERE NOT other IN locked }
  }) AS members
}
RETURN reviews, [l IN drawn | l {.*, opened_at: l.opened_at.epochMillis}] AS links, members, survivors
