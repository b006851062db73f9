// Who answers now for ids that were ever issued. in: brand_id, profile_ids; out: {asked, profile_id}; unknown ids give no row
UNWIND $profile_ids AS id
MATCH (:ProfileId {key: $brand_id + '|' + id})-[:MERGED_INTO*0..]->(p:Profile)
RETURN id AS asked, p.profile_id AS profile_id
