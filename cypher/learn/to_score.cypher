// The next feature sets of a brand by profile id, and of each whether its person is to be scored anew: never scored, other
// features, another model, or another day. Who has not ordered cannot be scored: stale is then whether there is a score to take back.
// in: brand_id, first, last (both included), limit, model (its version), day (of the clock, since the epoch), anew (whoever has
//     ordered, whatever stands there)
// out: profile_id, stale, features (null when it is not stale; elsewhere: they spent in other currencies than the brand's alone)
MATCH (f:FeatureSet)
WHERE f.brand_id = $brand_id AND f.profile_id >= $first AND f.profile_id <= $last
WITH f ORDER BY f.brand_id, f.profile_id LIMIT $limit
OPTIONAL MATCH (n:Prediction {key: f.key})
WITH f, CASE
  WHEN f.orders = 0 THEN n IS NOT NULL
  ELSE $anew = true OR n IS NULL OR n.features_clock <> f.clock OR coalesce(n.features_from, 0) <> coalesce(f.holds_from, 0)
    OR n.model_version <> $model OR n.as_of.epochMillis / 86400000 <> $day
END AS stale
OPTIONAL MATCH (p:ProfileId {key: f.key}) WHERE stale AND f.monetary_minor = 0
WITH f, stale, any(one IN coalesce(p.spend, []) WHERE NOT one STARTS WITH f.currency) AS elsewhere
ORDER BY f.profile_id
RETURN f.profile_id AS profile_id, stale, CASE WHEN stale THEN f {
  .profile_id, .clock, .holds_from, .currency, .orders, .frequency, .spend_minor, .monetary_minor, .gap_squares, .order_pulses, .money_pulses,
  .activities, .products, elsewhere: elsewhere,
  first_order_at: f.first_order_at.epochMillis, previous_order_at: f.previous_order_at.epochMillis,
  last_order_at: f.last_order_at.epochMillis, last_activity_at: f.last_activity_at.epochMillis
} END AS features
