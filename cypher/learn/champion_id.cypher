// Which model of its own scores a brand, if one does. in: brand_id; out: model_id
MATCH (m:Model)
WHERE m.brand_id = $brand_id AND m.status = 'champion'
RETURN m.model_id AS model_id ORDER BY m.created_at DESC LIMIT 1
