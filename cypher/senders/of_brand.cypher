// What a brand says of its senders. in: brand_id, names; out: the properties of each. Times are epoch milliseconds.
UNWIND $names AS name
MATCH (n:Sender {key: $brand_id + '|' + name})
RETURN n {.*, changed_at: n.changed_at.epochMillis, delivered_at: n.delivered_at.epochMillis} AS sender ORDER BY n.name
