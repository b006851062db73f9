// How many entries carry each identifier. in: touched (one map): identifiers [keys]; out: {type, value, entries}
UNWIND $touched.identifiers AS key
MATCH (i:Identifier {key: key})
RETURN i.type AS type, i.value AS value, COUNT { (i)<-[:CARRIES]-() } AS entries
