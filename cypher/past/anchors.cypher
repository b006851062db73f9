// The entries that founded profile ids, and when each happened and was heard of. in: touched (one map): profiles [keys]
// out: founded_by, happened, heard (epoch milliseconds); no row for an id never issued, or erased
UNWIND $touched.profiles AS key
MATCH (p:ProfileId {key: key})
USING INDEX SEEK p:ProfileId(key)
WHERE p.founded_by IS NOT NULL  // what was erased has none
OPTIONAL MATCH (e:Event {key: p.brand_id + '|' + p.founded_by})
OPTIONAL MATCH (n:ProfileImport {key: p.brand_id + '|' + p.founded_by})
RETURN p.founded_by AS founded_by, coalesce(e.occurred_at, n.created_at).epochMillis AS happened,
  coalesce(e.received_at, n.received_at).epochMillis AS heard
