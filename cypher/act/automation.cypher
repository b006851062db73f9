// One automation. in: brand_id, automation_id; out: automation, or no row
MATCH (a:Automation {key: $brand_id + '|' + $automation_id})
RETURN a {.*, created_at: a.created_at.epochMillis, updated_at: a.updated_at.epochMillis} AS automation
