// Lets go of identifiers and orders that were locked for what is not stored: a repeat of what was erased, a refused import.
// in: touched (one map): identifiers [keys], orders [keys]
CALL () {
  UNWIND $touched.identifiers AS key
  MATCH (i:Identifier {key: key})
  REMOVE i.lock
  WITH i
  WHERE NOT EXISTS { (i)--() } AND i.declared IS NULL
  DELETE i
}
CALL () {
  UNWIND $touched.orders AS key
  MATCH (o:Order {key: key})
  WHERE NOT EXISTS { (o)--() }
  DELETE o
}
