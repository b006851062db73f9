// When identifiers had been seen first by a moment, and by which source. in: touched (one map): identifiers [keys], as_of,
// known_at (epoch milliseconds, or null); out: key, first_seen (epoch milliseconds), source
UNWIND $touched.identifiers AS key
MATCH (i:Identifier {key: key})
CALL (i) {
  MATCH (i)<-[:CARRIES]-(n)
  WHERE coalesce(n.outcome, '') <> 'parked'
    AND ($touched.as_of IS NULL OR coalesce(n.occurred_at, n.created_at) <= datetime({epochMillis: $touched.as_of}))
    AND ($touched.known_at IS NULL OR n.received_at <= datetime({epochMillis: $touched.known_at}))
  WITH n ORDER BY n.clock, n.key
  RETURN min(coalesce(n.occurred_at, n.created_at).epochMillis) AS first_seen, collect(n.source)[0] AS source
}
RETURN key, first_seen, source
