// A merge as it stands.
// in: brand_id, merge_id; out: base (profile id), undone (whether it is), undone_by (the judgement that did it),
//     parted_by (the judgement because of which it stands no more, though it was about something else, such as a split)
MATCH (h:MergeHistory {key: $brand_id + '|' + $merge_id})
OPTIONAL MATCH (j:Judgement {key: $brand_id + '|' + h.undone_because})
RETURN h.base_profile_id AS base, h.undone_at IS NOT NULL AS undone, h.undone_by AS undone_by, j.judgement_id AS parted_by
