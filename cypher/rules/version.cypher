// The text of one version of a brand's rules. in: brand_id, version; out: rules (JSON)
MATCH (v:RulesVersion {key: $brand_id + '|' + $version})
RETURN v.rules AS rules
