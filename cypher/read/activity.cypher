// How many events of each type a person has in each month. in: brand_id, profile_id; out: type, month (epoch milliseconds), events
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
MATCH (p)<-[:ATTACHED_TO]-(e:Event)
WITH e.type AS type, datetime.truncate('month', e.occurred_at) AS month, count(e) AS events
RETURN type, month.epochMillis AS month, events ORDER BY month, type
