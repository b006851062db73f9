// How purchases and refunds count, as whoever queries the graph reads it.
// in: touched (one map): events [keys]; out: event_id, cancelled_at, revised_minor, revised_currency, revised_at (times are epoch
// milliseconds)
UNWIND $touched.events AS key
MATCH (e:Event {key: key})
USING INDEX SEEK e:Event(key)
RETURN e.event_id AS event_id, e.cancelled_at.epochMillis AS cancelled_at, e.revised_minor AS revised_minor,
  e.revised_currency AS revised_currency, e.revised_at.epochMillis AS revised_at
