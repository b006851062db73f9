// Ends the gathering of open batches, also of those that a killed run left behind. They are released; or all of them wait for a
// person, when they and what was released within a day would reach too many people. Under the brand's lock: of two runs (one lost
// its lease) each would else count what the other is about to release as not released.
// in: asked (one map): brand_id, automations [ids] (null: all), most (people), since (epoch milliseconds, a day ago)
// out: status, people (of each batch)
MATCH (brand:Brand {brand_id: $asked.brand_id})
REMOVE brand.lock
WITH brand
MATCH (b:AutomationBatch)
USING INDEX SEEK b:AutomationBatch(brand_id, unsettled)
WHERE b.brand_id = $asked.brand_id AND b.unsettled = true
WITH b
WHERE b.status = 'open' AND ($asked.automations IS NULL OR b.automation_id IN $asked.automations)
REMOVE b.lock
WITH b
WHERE b.open_of IS NOT NULL
WITH collect(b) AS batches
CALL (batches) {
  UNWIND batches AS b
  MATCH (x:AutomationExecution)
  WHERE x.waits_in = b.key AND x.execution_id >= ''
  RETURN count(DISTINCT x.profile_id) AS now
}
CALL (batches) {
  MATCH (r:AutomationBatch)
  USING INDEX SEEK r:AutomationBatch(brand_id, status, created_at)
  WHERE r.brand_id = $asked.brand_id AND r.status = 'released' AND r.created_at >= datetime({epochMillis: $asked.since})
    AND size(batches) > 0
  RETURN sum(CASE WHEN r.unsettled THEN r.people ELSE coalesce(r.reached, r.people) END) AS lately
}
UNWIND batches AS b
CALL (b) {
  MATCH (x:AutomationExecution)
  WHERE x.waits_in = b.key AND x.execution_id >= ''
  RETURN count(DISTINCT x.profile_id) AS people
}
SET b.people = people, b.status = CASE WHEN now + lately > $asked.most THEN 'waiting' ELSE 'released' END
REMOVE b.open_of
RETURN b.status AS status, people
