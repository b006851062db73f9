// The next people of a brand by profile id, and of each whether the features are to be built anew: they were never, or by
// another version of the code; the person changed since; something happened between that clock and this one; or others hold an
// identifier of this person (or do no more), of which the person's own clock says nothing.
// in: brand_id, after (the last id of the page before, or ''), limit, schema, as_of (epoch milliseconds)
// out: profile_id, stale
MATCH (p:Profile)
WHERE p.brand_id = $brand_id AND p.profile_id > $after
WITH p ORDER BY p.brand_id, p.profile_id LIMIT $limit
OPTIONAL MATCH (p)-[:HAS_FEATURES]->(f:FeatureSet)
CALL (p) {
  MATCH (p)-[:HAS_IDENTIFIER]->(:Identifier)<-[:HAS_IDENTIFIER]-(near:Profile)
  WHERE near <> p
  WITH DISTINCT near LIMIT 100
  RETURN count(near) AS near
}
RETURN p.profile_id AS profile_id,
  f IS NULL OR f.clock <> p.clock OR f.schema_version <> $schema OR f.component_size <> near + 1
    OR $as_of < coalesce(f.holds_from, $as_of) OR $as_of >= coalesce(f.holds_until, $as_of + 1) AS stale
