// The identifiers that a person holds. in: brand_id, profile_id, limit; out: type, value
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:HAS_IDENTIFIER]->(i:Identifier)
RETURN i.type AS type, i.value AS value ORDER BY type, value LIMIT $limit
