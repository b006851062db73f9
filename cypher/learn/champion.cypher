// The model of its own that scores a brand, if it has one. in: brand_id; out: model_id, model (JSON)
MATCH (m:Model)
WHERE m.brand_id = $brand_id AND m.status = 'champion'
RETURN m.model_id AS model_id, m.model AS model ORDER BY m.created_at DESC LIMIT 1
