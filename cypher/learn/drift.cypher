// A brand's drift reports from before a moment, the newest first; there is one a moment at the most.
// in: brand_id, before (epoch milliseconds; the end of time for the first page), limit; out: report
MATCH (d:DriftReport)
WHERE d.brand_id = $brand_id AND d.as_of < datetime({epochMillis: $before})
WITH d ORDER BY d.brand_id DESC, d.as_of DESC LIMIT $limit
RETURN d {.customers, .psi, .worst, .verdict, .model_version, as_of: d.as_of.epochMillis, against: d.against} AS report
