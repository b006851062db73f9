// Whether a brand was given its first automations. in: brand_id; out: seeded, no row for a brand that does not exist
MATCH (b:Brand {brand_id: $brand_id})
RETURN coalesce(b.automations_seeded, false) AS seeded
