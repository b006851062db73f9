// Since when a brand went by which rules, in their order, as `at|version`. in: brand_id; out: since, or no row
MATCH (b:Brand {brand_id: $brand_id})
RETURN coalesce(b.rules_since, []) AS since
