// What people are called by, of those who answer for profile ids today. in: brand_id, profile_ids; out: id, profile_id, attributes, held
UNWIND $profile_ids AS id
MATCH (:ProfileId {key: $brand_id + '|' + id})-[:MERGED_INTO*0..]->(p:Profile)
WHERE p.attributes IS NOT NULL  // else somebody is nobody at this very moment
RETURN id, p.profile_id AS profile_id, p.attributes AS attributes, [(p)-[:HAS_IDENTIFIER]->(i:Identifier) | [i.type, i.value]] AS held
