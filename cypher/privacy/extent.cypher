// How much else is kept of profiles. in: touched (one map): profiles [keys]; out: one row {messages, merges}
CALL () {
  UNWIND $touched.profiles AS key
  MATCH (:ProfileId {key: key})-[:RECEIVED]->(:AutomationExecution)-[:SENT_AS]->(c:CampaignExecution)
  RETURN count(c) AS messages
}
CALL (messages) {
  UNWIND $touched.profiles AS key
  MATCH (:ProfileId {key: key})<-[:KEPT|ABSORBED]-(h:MergeHistory)
  RETURN count(DISTINCT h) AS merges
}
RETURN messages, merges
