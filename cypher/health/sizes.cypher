// How many people have how many events, in powers of two, each counted up to a limit.
// in: brand_id, classes [0, 1, ...], limit; out: size_class, people
UNWIND $classes AS size_class
CALL (size_class) {
  MATCH (p:Profile)
  WHERE p.brand_id = $brand_id AND p.size_class = size_class
  WITH p LIMIT $limit
  RETURN count(p) AS people
}
WITH size_class, people WHERE people > 0
RETURN size_class, people ORDER BY size_class
