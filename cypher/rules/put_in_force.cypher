// What everybody goes by from this commit on. in: brand_id, version, goes_back (whether it is a roll-back), at (epoch milliseconds)
MATCH (b:Brand {brand_id: $brand_id})
REMOVE b.lock
WITH b, coalesce(b.rules, '0') AS was
SET b.rules = $version, b.rules_since = coalesce(b.rules_since, []) + [toString($at) + '|' + $version]
WITH was
OPTIONAL MATCH (old:RulesVersion {key: $brand_id + '|' + was})
SET old.status = 'retired'
WITH was
OPTIONAL MATCH (new:RulesVersion {key: $brand_id + '|' + $version})
SET new.status = 'in_force', new.in_force_at = datetime({epochMillis: $at}),
  new.replaced = CASE WHEN $goes_back THEN new.replaced ELSE was END
