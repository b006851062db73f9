// A brand that stands beside this one, if there is any. in: brand_id; out: one row, none where it is alone
CALL () {
  MATCH (b:Brand) USING INDEX SEEK b:Brand(brand_id) WHERE b.brand_id < $brand_id RETURN b LIMIT 1
  UNION
  MATCH (b:Brand) USING INDEX SEEK b:Brand(brand_id) WHERE b.brand_id > $brand_id RETURN b LIMIT 1
}
RETURN b.brand_id AS brand_id LIMIT 1
