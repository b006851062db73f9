// A brand's key by its id. in: key; out: its properties but the digest, none for no key of theirs. Times are epoch milliseconds.
MATCH (n:ApiKey {key: $key})
USING INDEX SEEK n:ApiKey(key)
RETURN n {.brand_id, .key_id, .name, .role, .hint, created_at: n.created_at.epochMillis, revoked_at: n.revoked_at.epochMillis,
  last_used_at: n.last_used_at.epochMillis} AS found
