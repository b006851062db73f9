// When identifiers had been seen first by a moment, and by which source. in: touched (one map): identifiers [keys], as_of,
// known_at (epoch milliseconds, or null); out: key, first_seen (epoch milliseconds), source
UNWIND $touched.identifiers AS key
MATCH (i:Identifier {key: key})
CALL (i) {
  MATCH (i)<-[:CARRIES]-(n)
  WHERE coalesce(n.outcome, '') <> 'parked'
    AND ($touched.as_of IS NULL OR coalesce(n.occurred_at, n.created_at) <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR n.received_at <= datetime({epochMillis: $touched.known_at}))
  // The least of lists: to order them all would hold all that a hub was ever carried by.
  RETURN min(coalesce(n.occurred_at, n.created_at).epochMillis) AS first_seen, min([n.clock, n.key, n.source])[2] AS source
}
RETURN key, first_seen, source
