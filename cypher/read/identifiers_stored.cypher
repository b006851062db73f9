// Which identifiers a brand has ever seen, or was told something of. in: keys; out: type, value
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
RETURN i.type AS type, i.value AS value
