// What is bought together with each of these products. in: brand_id, products [keys]; out: product_key, neighbours (JSON)
UNWIND $products AS product
MATCH (t:BoughtTogether {key: $brand_id + '|' + product})
RETURN t.product_key AS product_key, t.neighbours AS neighbours
