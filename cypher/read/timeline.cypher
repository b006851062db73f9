// A person's events, the newest first, of some types and of a span of time. The person is who answers for the profile id.
// in: brand_id, profile_id, types (empty: all), since and until (epoch milliseconds, until is left out), before and after
//     (where the page before ended: time and event id; the first page begins at the end of time and ''), limit; out: event
MATCH (:ProfileId {key: $brand_id + '|' + $profile_id})-[:MERGED_INTO*0..]->(p:Profile)
MATCH (p)<-[moved:ATTACHED_TO]-(e:Event)
WHERE (size($types) = 0 OR e.type IN $types)
  AND e.occurred_at >= datetime({epochMillis: $since}) AND e.occurred_at < datetime({epochMillis: $until})
  AND e.occurred_at <= datetime({epochMillis: $before})
  AND CASE e.occurred_at WHEN datetime({epochMillis: $before}) THEN e.event_id > $after ELSE true END
WITH e, moved ORDER BY e.occurred_at DESC, e.event_id LIMIT $limit
RETURN e {
  .event_id, .type, .source, .outcome, .merge_id, .review_id, .order_id, .value_minor, .currency, .properties, .backfill,
  moved_by: moved.merge_id, occurred_at: e.occurred_at.epochMillis, received_at: e.received_at.epochMillis,
  identifiers: [(e)-[:CARRIES]->(i:Identifier) | [i.type, i.value]]
} AS event
