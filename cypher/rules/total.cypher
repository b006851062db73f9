// How many people a brand has. in: brand_id; out: people
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.profile_id > ''
RETURN count(*) AS people
