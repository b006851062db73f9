// A brand's automations in the order they were made. in: brand_id, after and last (epoch milliseconds and automation id where
// the page before ended; 0 and ''), limit; out: automation
MATCH (a:Automation)
WHERE a.brand_id = $brand_id AND a.created_at >= datetime({epochMillis: $after})
  AND CASE a.created_at WHEN datetime({epochMillis: $after}) THEN a.automation_id > $last ELSE true END
WITH a ORDER BY a.brand_id, a.created_at, a.automation_id LIMIT $limit
RETURN a {.*, created_at: a.created_at.epochMillis, updated_at: a.updated_at.epochMillis} AS automation
