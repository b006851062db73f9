// Where values came from: events and imports by id. in: brand_id, ids; out: given_by, source
UNWIND $ids AS id
OPTIONAL MATCH (e:Event {key: $brand_id + '|' + id})
OPTIONAL MATCH (n:ProfileImport {key: $brand_id + '|' + id})
WITH id, coalesce(e.source, n.source) AS source WHERE source IS NOT NULL
RETURN id AS given_by, source
