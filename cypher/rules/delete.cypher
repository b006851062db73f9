// Forgets a draft that no run is about. in: brand_id, version; out: version; no row for what is no draft, or has a run under way
MATCH (v:RulesVersion {key: $brand_id + '|' + $version})
REMOVE v.lock
WITH v WHERE v.status = 'draft' AND NOT EXISTS { MATCH (r:RulesRun {under_way: $brand_id}) WHERE r.version = $version }
WITH v, v.version AS version
DELETE v
RETURN version
