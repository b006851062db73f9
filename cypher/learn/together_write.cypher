// Stores what is bought together with each of these products.
// in: plan (one map): brand_id, made_at (epoch milliseconds), rows [{key, product_key, product_name, neighbours (JSON: [[key, name, similarity]])}]
UNWIND $plan.rows AS row
MERGE (t:BoughtTogether {key: row.key})
SET t += {brand_id: $plan.brand_id, product_key: row.product_key, product_name: row.product_name, neighbours: row.neighbours},
  t.made_at = datetime({epochMillis: $plan.made_at})
