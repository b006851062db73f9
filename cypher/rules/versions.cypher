// A brand's versions of the rules, the newest first. in: brand_id, before (a number), limit; out: version
MATCH (v:RulesVersion)
WHERE v.brand_id = $brand_id AND v.number < $before
RETURN v {
  .version, .number, .rules, .based_on, .note, .created_by, .status, .replaced,
  created_at: v.created_at.epochMillis, in_force_at: v.in_force_at.epochMillis
} AS version
ORDER BY v.brand_id DESC, v.number DESC LIMIT $limit
