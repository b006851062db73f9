// What all buyers of a brand come to, by their features.
// in: brand_id; out: one row {buyers, orders, spend_minor, monetary_minor, currency}
MATCH (f:FeatureSet)
WHERE f.brand_id = $brand_id AND f.profile_id > '' AND f.orders > 0
RETURN count(f) AS buyers, sum(f.orders) AS orders, sum(f.spend_minor) AS spend_minor, sum(f.monetary_minor) AS monetary_minor,
  min(f.currency) AS currency
