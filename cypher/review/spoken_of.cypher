// The people a judgement speaks of, as they are today. in: brand_id, judgement_id; out: profile_id
MATCH (:Judgement {key: $brand_id + '|' + $judgement_id})-[:SPEAKS_OF]->(:ProfileId)-[:MERGED_INTO*0..]->(p:Profile)
RETURN DISTINCT p.profile_id AS profile_id
UNION
MATCH (:Judgement {key: $brand_id + '|' + $judgement_id})-[:SPEAKS_OF]->(:Identifier)<-[:HAS_IDENTIFIER]-(p:Profile)
RETURN DISTINCT p.profile_id AS profile_id
