// Executions of automations, and the messages they sent, that are of profile ids, for events, or went to identifiers: who was one
// person with somebody for a while has messages of theirs. in: touched (one map): profiles, events, identifiers [keys] (each may be
// missing), addresses [types of identifiers that messages go to]; out: {key, messages}
CALL () {
  UNWIND $touched.profiles AS key
  MATCH (p:ProfileId {key: key})-[:RECEIVED]->(x:AutomationExecution)
  USING INDEX SEEK p:ProfileId(key)
  RETURN x
  UNION
  UNWIND $touched.events AS key
  MATCH (e:Event {key: key})<-[:FOR_EVENT]-(x:AutomationExecution)
  USING INDEX SEEK e:Event(key)
  RETURN x
  UNION
  UNWIND $touched.identifiers AS key
  MATCH (i:Identifier {key: key})
  WHERE i.type IN $touched.addresses
  WITH i.brand_id AS brand_id, CASE i.type WHEN 'phone' THEN '+' + i.value ELSE i.value END AS address
  MATCH (c:CampaignExecution)
  USING INDEX SEEK c:CampaignExecution(brand_id, to)
  WHERE c.brand_id = brand_id AND c.to = address
  MATCH (x:AutomationExecution)-[:SENT_AS]->(c)
  RETURN x
}
RETURN x.key AS key, COUNT { (x)-[:SENT_AS]->() } AS messages
