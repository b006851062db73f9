// A merge as it stands. in: brand_id, merge_id; out: base (profile id), undone (whether it is), undone_by (the judgement that did it)
MATCH (h:MergeHistory {key: $brand_id + '|' + $merge_id})
RETURN h.base_profile_id AS base, h.undone_at IS NOT NULL AS undone, h.undone_by AS undone_by
