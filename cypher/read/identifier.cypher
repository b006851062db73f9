// One identifier. in: key; out: identifier, or no row
MATCH (i:Identifier {key: $key})
RETURN i {
  .key, .type, .value, .standing, .declared, .declared_by, .note, .seen_with, .through,
  declared_at: i.declared_at.epochMillis, first_seen: i.first_seen.epochMillis, last_seen: i.last_seen.epochMillis
} AS identifier
