// Notes of which reviews admins are told, at which stage and by which way, and the reminders that tell it.
// in: plan (one map): brand_id, way, told [{key, review_id, stage}], made [{key, reminder_id, provider, to, reviews, subject, body}],
//     now (epoch milliseconds)
CALL () {
  UNWIND $plan.told AS row
  CREATE (t:ReviewTold {key: row.key})
  SET t.brand_id = $plan.brand_id, t.way = $plan.way, t.review_id = row.review_id, t.stage = row.stage,
      t.told_at = datetime({epochMillis: $plan.now})
  RETURN count(t) AS told
}
UNWIND $plan.made AS row
CREATE (r:Reminder {key: row.key})
SET r = row, r.brand_id = $plan.brand_id, r.way = $plan.way, r.status = 'queued', r.attempts = 0, r.due = 0,
    r.created_at = datetime({epochMillis: $plan.now})
