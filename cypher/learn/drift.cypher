// A brand's drift reports, the newest first. in: brand_id, limit; out: report
MATCH (d:DriftReport)
WHERE d.brand_id = $brand_id AND d.as_of > datetime({epochMillis: 0})
WITH d ORDER BY d.brand_id DESC, d.as_of DESC LIMIT $limit
RETURN d {.customers, .psi, .worst, .verdict, .model_version, as_of: d.as_of.epochMillis, against: d.against} AS report
