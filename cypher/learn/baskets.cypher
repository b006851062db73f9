// What people of a brand bought lately, by profile id. in: brand_id, after (the last id of the page before, or ''), limit
// out: profile_id, products (JSON: [[key, name, id, [epoch milliseconds]]])
MATCH (f:FeatureSet)
WHERE f.brand_id = $brand_id AND f.profile_id > $after
WITH f ORDER BY f.brand_id, f.profile_id LIMIT $limit
RETURN f.profile_id AS profile_id, f.products AS products
