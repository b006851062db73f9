// Makes a brand exist, as its first write does. in: asked (one map): brand_id
MERGE (:Brand {brand_id: $asked.brand_id})
