// The key that has this digest. in: digest; out: its properties but the digest, none for no key of ours. Times are epoch milliseconds.
MATCH (n:ApiKey {digest: $digest})
USING INDEX SEEK n:ApiKey(digest)
RETURN n {.brand_id, .key_id, .name, .role, .hint, created_at: n.created_at.epochMillis, revoked_at: n.revoked_at.epochMillis,
  last_used_at: n.last_used_at.epochMillis} AS found
