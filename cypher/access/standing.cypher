// A brand's keys that stand, as nobody revoked them. in: brand_id; out: the properties of each but the digest. Times are epoch
// milliseconds.
MATCH (n:ApiKey)
USING INDEX SEEK n:ApiKey(key)
WHERE n.key STARTS WITH $brand_id + '|' AND n.revoked_at IS NULL
RETURN n {.brand_id, .key_id, .name, .role, .hint, created_at: n.created_at.epochMillis, revoked_at: null,
  last_used_at: n.last_used_at.epochMillis} AS found
