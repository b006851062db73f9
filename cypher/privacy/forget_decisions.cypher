// Erases judgements and reviews that spoke of erased people alone, and what was noted at others.
// in: plan (one map): judgements [keys], silent [keys of judgements], reviews [keys]
CALL () {
  UNWIND $plan.judgements AS key
  MATCH (j:Judgement {key: key})
  DETACH DELETE j
}
CALL () {
  UNWIND $plan.silent AS key
  MATCH (j:Judgement {key: key})
  SET j.note = ''
  REMOVE j.retracted_note
}
CALL () {
  UNWIND $plan.reviews AS key
  MATCH (r:MergeReview {key: key})
  DETACH DELETE r
}
