// Takes a judgement back; it stays as what was once decided. in: brand_id, judgement_id, at (epoch milliseconds), by, note
MATCH (j:Judgement {key: $brand_id + '|' + $judgement_id})
SET j.retracted_at = datetime({epochMillis: $at}), j.retracted_by = $by, j.retracted_note = $note
