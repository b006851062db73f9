// What people are called by: their golden attributes as they are stored, with who gave each, and what names them.
// in: brand_id, profile_ids; out: profile_id, attributes, strong [type|value]
UNWIND $profile_ids AS id
MATCH (p:ProfileId {key: $brand_id + '|' + id})
WHERE p.attributes IS NOT NULL
RETURN p.profile_id AS profile_id, p.attributes AS attributes, p.strong AS strong
