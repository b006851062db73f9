// Other content for a draft. in: brand_id, version, rules (JSON), based_on, note; out: version; no row for what is no draft
MATCH (v:RulesVersion {key: $brand_id + '|' + $version})
REMOVE v.lock
WITH v WHERE v.status = 'draft'
SET v.rules = $rules, v.based_on = $based_on, v.note = $note
RETURN v.version AS version
