// Lets go of identifiers and orders that were locked for what is not stored: a repeat of what was erased, a refused import.
// in: touched (one map): identifiers [keys], orders [keys]; out: one row {identifiers, orders} (keys of what is gone with that)
CALL () {
  UNWIND $touched.identifiers AS key
  MATCH (i:Identifier {key: key})
  REMOVE i.lock
  WITH i, key
  WHERE NOT EXISTS { (i)--() } AND i.declared IS NULL
  DELETE i
  RETURN collect(key) AS identifiers
}
CALL () {
  UNWIND $touched.orders AS key
  MATCH (o:Order {key: key})
  WHERE NOT EXISTS { (o)--() }
  DELETE o
  RETURN collect(key) AS orders
}
RETURN identifiers, orders
