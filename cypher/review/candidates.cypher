// A review as it stands, before it is locked. in: key; out: {status, version, profile_ids} or nothing
MATCH (r:MergeReview {key: $key})
OPTIONAL MATCH (r)-[:CANDIDATE]->(p:Profile)
RETURN r.status AS status, r.version AS version, collect(p.profile_id) AS profile_ids
