// The entry that founded a profile id, and when that happened and was heard of. in: brand_id, profile_id
// out: founded_by, happened, heard (epoch milliseconds); no row for an id never issued
MATCH (p:ProfileId {key: $brand_id + '|' + $profile_id})
OPTIONAL MATCH (e:Event {key: $brand_id + '|' + p.founded_by})
OPTIONAL MATCH (n:ProfileImport {key: $brand_id + '|' + p.founded_by})
RETURN p.founded_by AS founded_by, coalesce(e.occurred_at, n.created_at).epochMillis AS happened,
  coalesce(e.received_at, n.received_at).epochMillis AS heard
