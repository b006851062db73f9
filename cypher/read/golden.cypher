// The golden attributes of people as they are stored, with who gave each. in: brand_id, profile_ids; out: profile_id, attributes
UNWIND $profile_ids AS id
MATCH (p:ProfileId {key: $brand_id + '|' + id})
WHERE p.attributes IS NOT NULL
RETURN p.profile_id AS profile_id, p.attributes AS attributes
