// Who declared what an identifier is, when and why. in: key, by, at (epoch milliseconds), note
MATCH (i:Identifier {key: $key})
SET i.declared_by = $by, i.declared_at = datetime({epochMillis: $at}), i.note = $note
