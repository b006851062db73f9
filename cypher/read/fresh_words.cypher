// People whose words changed within the last `ms` milliseconds, the newest first. in: brand_id, ms, limit;
// out: profile_id, search (app/domain/search.py)
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.search_changed_at >= timestamp() - $ms
RETURN p.profile_id AS profile_id, p.search AS search
ORDER BY p.search_changed_at DESC LIMIT $limit
