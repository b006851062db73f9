// Notes at a merge which judgement undid it. in: brand_id, merge_id, judgement_id
MATCH (h:MergeHistory {key: $brand_id + '|' + $merge_id})
SET h.undone_by = $judgement_id
