// What all buyers of a brand come to, by their features. Of whoever spent in other currencies alone nothing is known in the
// brand's: as ones who spent 0 they would lower what all others are compared with.
// in: brand_id; out: one row {buyers, orders, spend_minor, monetary_minor, currency}
MATCH (f:FeatureSet)
WHERE f.brand_id = $brand_id AND f.profile_id > '' AND f.orders > 0
OPTIONAL MATCH (p:ProfileId {key: f.key}) WHERE f.monetary_minor = 0
WITH f, any(one IN coalesce(p.spend, []) WHERE NOT one STARTS WITH f.currency) AS elsewhere
WHERE NOT elsewhere
RETURN count(f) AS buyers, sum(f.orders) AS orders, sum(f.spend_minor) AS spend_minor, sum(f.monetary_minor) AS monetary_minor,
  min(f.currency) AS currency
