// How identifiers stand today, and what admins declared of them. in: touched (one map): identifiers [keys]
// out: identifier {type, value, standing, declared, declared_at (epoch milliseconds), declarations [at|standing]}
UNWIND $touched.identifiers AS key
MATCH (i:Identifier {key: key})
RETURN i {.type, .value, .standing, .declared, .declarations, declared_at: i.declared_at.epochMillis} AS identifier
