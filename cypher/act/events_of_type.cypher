// Events of a type in a span of time, in the order they happened, with whose they are. Not those that were brought in after the
// fact: nobody is written to for them.
// in: asked (one map): brand_id, type, from and until (epoch milliseconds), last (event id where the page before ended at
//     `from`, or ''), limit; out: event_id, at (epoch milliseconds), profile_id (null for nobody's)
MATCH (e:Event)
WHERE e.brand_id = $asked.brand_id AND e.type = $asked.type AND e.occurred_at >= datetime({epochMillis: $asked.from})
  AND e.occurred_at <= datetime({epochMillis: $asked.until})
  AND e.backfill IS NULL
  AND CASE e.occurred_at WHEN datetime({epochMillis: $asked.from}) THEN e.event_id > $asked.last ELSE true END
WITH e ORDER BY e.brand_id, e.type, e.occurred_at, e.event_id LIMIT $asked.limit
RETURN e.event_id AS event_id, e.occurred_at.epochMillis AS at, [(e)-[:ATTACHED_TO]->(p:Profile) | p.profile_id][0] AS profile_id
