// What senders wrote, and what was understood, of events. in: touched (one map): events [keys]; out: {key, raw, properties, facts}
UNWIND $touched.events AS key
MATCH (e:Event {key: key})
RETURN e.key AS key, e.raw AS raw, e.properties AS properties, e.facts AS facts
