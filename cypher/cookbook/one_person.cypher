// Around one value: who is known by it, by what else, and what they did last, drawn.
// in: {"value": "ada@example.com"}
MATCH (i:Identifier {brand_id: $brand, value: $value})<-[:HAS_IDENTIFIER]-(p:Profile)
MATCH path = (p)-[:HAS_IDENTIFIER]->(:Identifier)
RETURN path
UNION ALL
MATCH (i:Identifier {brand_id: $brand, value: $value})<-[:HAS_IDENTIFIER]-(p:Profile)
MATCH path = (p)<-[:ATTACHED_TO]-(e:Event)
RETURN path ORDER BY e.occurred_at DESC LIMIT 20
