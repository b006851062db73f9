// Events by type and source: how many there are, and when the first and the last happened.
MATCH (e:Event)
WHERE e.brand_id = $brand AND e.type > '' AND e.occurred_at >= datetime('1970-01-01T00:00:00Z')
RETURN e.type AS type, e.source AS source, count(e) AS events, min(e.occurred_at) AS first, max(e.occurred_at) AS last
ORDER BY events DESC
