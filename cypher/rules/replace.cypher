// Other content for a draft, under the lock of its brand: whoever puts it in force compares it first with what was looked at.
// in: brand_id, version, rules (JSON), based_on, note; out: version; no row for what is no draft
MATCH (b:Brand {brand_id: $brand_id})
REMOVE b.lock
WITH b
MATCH (v:RulesVersion {key: $brand_id + '|' + $version})
WHERE v.status = 'draft'
SET v.rules = $rules, v.based_on = $based_on, v.note = $note
RETURN v.version AS version
