// Forgets a draft that no run is about, under the lock of its brand, as runs begin.
// in: brand_id, version; out: version; no row for what is no draft, or has a run under way
MATCH (b:Brand {brand_id: $brand_id})
REMOVE b.lock
WITH b
MATCH (v:RulesVersion {key: $brand_id + '|' + $version})
WHERE v.status = 'draft' AND NOT EXISTS { MATCH (r:RulesRun {under_way: $brand_id}) WHERE r.version = $version }
WITH v, v.version AS version
DELETE v
RETURN version
