// What all buyers of a brand come to, by their features; but of most of them: who spent more than `most` times what the middle one
// of those who spent did counts as that, and who was paid back more than they spent as 0. So no absurd amount is what all others are
// compared with. Of whoever spent in other currencies alone nothing is known in the brand's: as ones who spent 0 they would lower
// the mean. Each amount is whole, so that the order in which they are summed says nothing.
// in: brand_id, most
// out: one row {buyers, orders, spend_minor, monetary_minor (floats: of a large brand they are beyond 64 bits), currency}
CALL () {
  MATCH (f:FeatureSet)
  WHERE f.brand_id = $brand_id AND f.profile_id > '' AND f.orders > 0
  RETURN percentileDisc(CASE WHEN f.spend_minor > 0 THEN 1.0 * f.spend_minor / f.orders END, 0.5) AS middle_order,
    percentileDisc(CASE WHEN f.monetary_minor > 0 THEN 1.0 * f.monetary_minor END, 0.5) AS middle_buyer
}
WITH $most * coalesce(middle_order, 0.0) AS dearest, $most * coalesce(middle_buyer, 0.0) AS richest
MATCH (f:FeatureSet)
WHERE f.brand_id = $brand_id AND f.profile_id > '' AND f.orders > 0
OPTIONAL MATCH (p:ProfileId {key: f.key}) WHERE f.monetary_minor = 0
WITH f, dearest * f.orders AS dearest, richest, any(one IN coalesce(p.spend, []) WHERE NOT one STARTS WITH f.currency) AS elsewhere
WHERE NOT elsewhere
RETURN count(f) AS buyers, sum(f.orders) AS orders, min(f.currency) AS currency,
  sum(CASE WHEN f.spend_minor < 0 THEN 0.0 WHEN f.spend_minor > dearest THEN round(dearest) ELSE 1.0 * f.spend_minor END) AS spend_minor,
  sum(CASE WHEN f.monetary_minor < 0 THEN 0.0 WHEN f.monetary_minor > richest THEN round(richest) ELSE 1.0 * f.monetary_minor END)
    AS monetary_minor
