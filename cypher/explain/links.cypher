// The open links that events drew. in: brand_id, events [ids]; out: link
UNWIND $events AS id
MATCH (l:OpenLink {key: $brand_id + '|' + id})
RETURN l {.link_id, .profile_ids, .rule, .reason, .clock, .rule_version, opened_at: l.opened_at.epochMillis} AS link
