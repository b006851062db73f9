// The newest sample of a brand's people from before a moment. in: brand_id, before (epoch milliseconds); out: as_of, sample (JSON)
MATCH (d:DriftReport)
WHERE d.brand_id = $brand_id AND d.as_of < datetime({epochMillis: $before})
RETURN d.as_of.epochMillis AS as_of, d.sample AS sample ORDER BY d.as_of DESC LIMIT 1
