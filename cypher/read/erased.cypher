// When a profile id was erased. in: brand_id, profile_id; out: erased_at (epoch milliseconds); no row for one that was not
MATCH (p:Tombstone:ProfileId {key: $brand_id + '|' + $profile_id})
WHERE p.erased_at IS NOT NULL
RETURN p.erased_at.epochMillis AS erased_at
