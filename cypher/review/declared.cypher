// Who declared what an identifier is, when and why; and all declarations in their order, as `at|standing` (nothing: taken back).
// Runs after the declaration itself was written. in: key, by, at (epoch milliseconds), note
MATCH (i:Identifier {key: $key})
SET i.declared_by = $by, i.declared_at = datetime({epochMillis: $at}), i.note = $note,
    i.declarations = coalesce(i.declarations, []) + [toString($at) + '|' + coalesce(i.declared, '')]
