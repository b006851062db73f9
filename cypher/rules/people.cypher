// A brand's people in the order of their ids. in: brand_id, after (id), limit; out: profile_id
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.profile_id > $after
WITH p ORDER BY p.brand_id, p.profile_id LIMIT $limit
RETURN p.profile_id AS profile_id
