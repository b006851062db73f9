// The version of the rules that a brand goes by; no row, or '0', is the service's own. in: brand_id; out: version, rules (JSON)
MATCH (b:Brand {brand_id: $brand_id})
OPTIONAL MATCH (v:RulesVersion {key: $brand_id + '|' + b.rules})
RETURN coalesce(b.rules, '0') AS version, v.rules AS rules
