// A brand's keys, those that were revoked too, the newest first. in: brand_id, before, after (the time and id that the page before
// ended at), limit; out: the properties of each but the digest. Times are epoch milliseconds.
MATCH (n:ApiKey)
USING INDEX SEEK n:ApiKey(key)
WHERE n.key STARTS WITH $brand_id + '|'
WITH n, n.created_at.epochMillis AS created
WHERE created < $before OR created = $before AND n.key_id > $after
RETURN n {.brand_id, .key_id, .name, .role, .hint, created_at: created, revoked_at: n.revoked_at.epochMillis,
  last_used_at: n.last_used_at.epochMillis} AS found
ORDER BY created DESC, n.key_id LIMIT $limit
