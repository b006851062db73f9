// One version of a brand's rules. in: brand_id, version; out: version
MATCH (v:RulesVersion {key: $brand_id + '|' + $version})
RETURN v {
  .version, .number, .rules, .based_on, .note, .created_by, .status, .replaced,
  created_at: v.created_at.epochMillis, in_force_at: v.in_force_at.epochMillis
} AS version
