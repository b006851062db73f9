// What a replay took back: events go where they belong now, ids lead where they lead now, merges are marked undone.
// Runs after what is new was written.
// in: plan (one map): moved [{profile (key, or null), matched, merge_id, events [keys]}], let_go [{profile, identifier}],
//     brought [{profile, identifier, merge_id (or null)}] (all that is held),
//     revived [keys], led [{gone, into [key], merge_id}], unmade [keys], links [keys], intents [keys],
//     rescored [{key, score}], ages [{profile, created_at}], at (as created_at in epoch milliseconds), because
CALL () {
  UNWIND $plan.intents AS key
  MATCH (n:ProductIntent {key: key})
  DETACH DELETE n
}
CALL () {
  UNWIND $plan.rescored AS row
  MATCH (n:ProductIntent {key: row.key})
  SET n.score = row.score
}
CALL () {
  UNWIND $plan.moved AS row
  OPTIONAL MATCH (p:ProfileId {key: row.profile})
  UNWIND row.events AS key
  MATCH (e:Event {key: key})
  FOREACH (other IN CASE WHEN e.matched = row.matched THEN [] ELSE [e] END | SET other.matched = row.matched)
  WITH e, p, row
  CALL (e) {
    MATCH (e)-[was:ATTACHED_TO]->()
    DELETE was
  }
  FOREACH (to IN CASE WHEN p IS NULL THEN [] ELSE [p] END | CREATE (e)-[:ATTACHED_TO {merge_id: row.merge_id}]->(to))
}
CALL () {
  UNWIND $plan.ages AS row
  MATCH (p:ProfileId {key: row.profile})
  SET p.created_at = datetime({epochMillis: row.created_at})
}
CALL () {
  UNWIND $plan.let_go AS row
  MATCH (i:Identifier {key: row.identifier})<-[held:HAS_IDENTIFIER]-(p)
  USING INDEX SEEK i:Identifier(key)
  WHERE p.key = row.profile
  DELETE held
}
CALL () {
  UNWIND $plan.brought AS row
  MATCH (i:Identifier {key: row.identifier})<-[held:HAS_IDENTIFIER]-(p)
  USING INDEX SEEK i:Identifier(key)
  WHERE p.key = row.profile AND coalesce(held.merge_id, '') <> coalesce(row.merge_id, '')
  SET held.merge_id = row.merge_id
}
CALL () {
  UNWIND $plan.revived AS key
  MATCH (p:ProfileId {key: key})
  SET p:Profile, p.search_changed_at = timestamp()
  REMOVE p:MergedProfile, p:Tombstone
  WITH p
  MATCH (p)-[led:MERGED_INTO]->()
  DELETE led
}
CALL () {
  UNWIND $plan.led AS row
  MATCH (gone:ProfileId {key: row.gone})
  SET gone:MergedProfile
  // What it held is somebody else's now, who may be erased without it.
  REMOVE gone:Profile, gone:Tombstone, gone.strong, gone.anonymous, gone.attributes, gone.search
  WITH gone, row
  CALL (gone) {
    MATCH (gone)-[led:MERGED_INTO]->()
    DELETE led
  }
  CALL (gone) {
    MATCH (:MergeReview)-[waiting:CANDIDATE]->(gone)
    DELETE waiting
  }
  CALL (gone, row) {
    UNWIND row.into AS key
    MATCH (into:ProfileId {key: key})
    CREATE (gone)-[:MERGED_INTO {merge_id: row.merge_id}]->(into)
  }
  FOREACH (nobody IN CASE size(row.into) WHEN 0 THEN [gone] ELSE [] END | SET nobody:Tombstone REMOVE nobody:MergedProfile)
}
CALL () {
  UNWIND $plan.unmade AS key
  MATCH (h:MergeHistory {key: key})
  SET h.undone_at = datetime({epochMillis: $plan.at}), h.undone_because = $plan.because,
    h.stood = coalesce(h.stood, [toString(h.decided_at.epochMillis) + '|']) + [toString($plan.at) + '|' + $plan.because]
}
CALL () {
  UNWIND $plan.links AS key
  MATCH (l:OpenLink {key: key})
  DETACH DELETE l
}
