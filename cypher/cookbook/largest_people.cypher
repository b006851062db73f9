// The largest people: those with the most events, and how many identifiers hold them together.
MATCH (p:Profile)
WHERE p.brand_id = $brand AND p.size_class >= 0
WITH p ORDER BY p.brand_id DESC, p.size_class DESC LIMIT 2000
RETURN p.profile_id AS profile, p.event_count AS events, COUNT { (p)-[:HAS_IDENTIFIER]->() } AS identifiers,
  size(p.absorbed) AS absorbed
ORDER BY events DESC LIMIT 25
