// Writes what happened to identities into a brand's stream `identity.changes`, at the next positions. Runs last in its
// transaction: whoever comes next waits for the stream's lock until the commit, so positions are in the order of commits.
// An id that was not told of yet (publish/untold) is told as created before anything else of it.
// A review is told of when its status or version moved since it was told of last; one that was never open for anybody is not.
// in: plan (one map): brand_id, stream (its key), concerned [keys of profile ids],
//     rows [{type (null for reviews), at, set, review (key), merge (key)}]
CALL () {
  UNWIND $plan.concerned AS key
  MATCH (p:ProfileId {key: key})
  WHERE p.untold IS NOT NULL
  WITH p ORDER BY p.untold, p.key
  REMOVE p.untold
  RETURN collect({type: 'profile.created', at: p.created_at.epochMillis, set: {profile_id: p.profile_id}}) AS created
}
CALL () {
  UNWIND $plan.rows AS row
  OPTIONAL MATCH (r:MergeReview {key: row.review})
  OPTIONAL MATCH (h:MergeHistory {key: row.merge})
  WITH row, r, h, CASE
    WHEN r IS NULL THEN row.type
    WHEN r.told_status = r.status AND r.told_version = r.version THEN null
    WHEN r.status = 'pending' THEN CASE r.told_status WHEN 'pending' THEN 'review.updated' ELSE 'review.opened' END
    WHEN r.status <> 'superseded' THEN 'review.decided'
    WHEN r.told_status = 'pending' THEN 'review.superseded'
  END AS type
  WHERE type IS NOT NULL
  SET r.told_status = r.status, r.told_version = r.version
  RETURN collect({type: type, at: row.at, set: row.set, status: r.status, version: r.version,
                  base: h.base_profile_id, absorbed: h.merged_profile_ids}) AS happened
}
WITH created + happened AS told
WHERE size(told) > 0
MERGE (s:Stream {key: $plan.stream})
  ON CREATE SET s.position = 0
SET s.brand_id = $plan.brand_id
WITH s, told, s.position AS last
SET s.position = last + size(told)
WITH told, last
UNWIND range(0, size(told) - 1) AS step
WITH told[step] AS one, last + step + 1 AS position
CREATE (c:Change)
SET c = one.set, c.brand_id = $plan.brand_id, c.position = position, c.type = one.type, c.status = one.status,
    c.version = one.version, c.profile_id = coalesce(one.base, one.set.profile_id),
    c.merged_profile_ids = coalesce(one.absorbed, one.set.merged_profile_ids),
    c.at = datetime({epochMillis: one.at}), c.stored_at = datetime()
