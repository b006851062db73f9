// People of a brand by profile id. in: brand_id, after (the last id of the page before, or ''), limit; out: profile_id
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.profile_id > $after
RETURN p.profile_id AS profile_id ORDER BY p.brand_id, p.profile_id LIMIT $limit
