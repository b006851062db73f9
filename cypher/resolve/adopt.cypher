// Events that were attached to nobody are somebody's from now on. So is an id that such an event had founded and that led to nobody:
// it leads where its event is (semantics, rule 2).
// in: plan (one map): rows [{event, profile (keys), moved_by}]; out: {profile_id, into, because (the event)} of such ids
UNWIND $plan.rows AS row
MATCH (e:Event {key: row.event})
MATCH (p:ProfileId {key: row.profile})
CREATE (e)-[:ATTACHED_TO {merge_id: row.moved_by}]->(p)
WITH e, p
CALL (e, p) {
  MATCH (gone:ProfileId {founded_by: e.event_id})
  USING INDEX SEEK gone:ProfileId(founded_by)
  WHERE gone.brand_id = e.brand_id AND gone:Tombstone AND gone.founded_on IS NULL
  CREATE (gone)-[:MERGED_INTO]->(p)
  SET gone:MergedProfile
  REMOVE gone:Tombstone
  RETURN gone.profile_id AS profile_id
}
RETURN profile_id, p.profile_id AS into, e.event_id AS because
