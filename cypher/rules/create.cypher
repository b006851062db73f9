// A new draft of a brand's rules, numbered one on. in: brand_id, rules (JSON), based_on, note, by, at (epoch milliseconds)
// out: version
MERGE (b:Brand {brand_id: $brand_id})
REMOVE b.lock
SET b.rules_made = coalesce(b.rules_made, 0) + 1
CREATE (v:RulesVersion {
  key: $brand_id + '|' + toString(b.rules_made), brand_id: $brand_id, number: b.rules_made, version: toString(b.rules_made),
  rules: $rules, based_on: $based_on, note: $note, created_by: $by, created_at: datetime({epochMillis: $at}), status: 'draft'
})
RETURN v.version AS version
