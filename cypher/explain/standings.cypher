// Which of these identifiers link nobody, or were spoken of by an admin. in: touched (one map): identifiers [keys]
// out: type, value, standing
UNWIND $touched.identifiers AS key
MATCH (i:Identifier {key: key})
WHERE i.standing <> 'linkable' OR i.declared IS NOT NULL
RETURN i.type AS type, i.value AS value, i.standing AS standing
