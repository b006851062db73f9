// Absorbs profiles: their ids keep resolving by MERGED_INTO; identifiers and events move to who survives the batch,
// and each moved edge says which merge moved it.
// in: plan (one map: sizes of list parameters would be part of the plan cache key): rows [{gone, into, survivor (keys), merge_id, moved_by}]
CALL () {
  UNWIND $plan.rows AS row
  MATCH (gone:ProfileId {key: row.gone})
  MATCH (into:ProfileId {key: row.into})
  CREATE (gone)-[:MERGED_INTO {merge_id: row.merge_id}]->(into)
}
CALL () {
  UNWIND $plan.rows AS row
  MATCH (gone:ProfileId {key: row.gone})-[held:HAS_IDENTIFIER]->(i:Identifier)
  MATCH (survivor:ProfileId {key: row.survivor})
  MERGE (survivor)-[moved:HAS_IDENTIFIER]->(i)
    ON CREATE SET moved.merge_id = row.moved_by
  DELETE held
}
CALL () {
  UNWIND $plan.rows AS row
  MATCH (gone:ProfileId {key: row.gone})<-[was:ATTACHED_TO]-(e:Event)
  MATCH (survivor:ProfileId {key: row.survivor})
  CREATE (e)-[:ATTACHED_TO {merge_id: row.moved_by}]->(survivor)
  DELETE was
}
CALL () {
  UNWIND $plan.rows AS row
  MATCH (gone:ProfileId {key: row.gone})
  OPTIONAL MATCH (:MergeReview)-[waiting:CANDIDATE]->(gone)
  DELETE waiting
  WITH DISTINCT gone
  REMOVE gone:Profile, gone.strong, gone.anonymous, gone.attributes, gone.search
  SET gone:MergedProfile
}
