// When it was last worked out what is bought together in a brand. in: brand_id; out: one row {made_at (epoch milliseconds) or null}
OPTIONAL MATCH (t:BoughtTogether {key: $brand_id + '|'})
RETURN t.made_at.epochMillis AS made_at
