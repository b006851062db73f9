// What was told of events when they came, and what their senders said. in: touched (one map): events [keys]
// out: event {event_id, outcome, merge_id, review_id, properties}
UNWIND $touched.events AS key
MATCH (e:Event {key: key})
RETURN e {.event_id, .outcome, .merge_id, .review_id, .properties} AS event
