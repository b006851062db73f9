// What there is: how many nodes of each kind, from people to messages. A kind that has none is left out.
CALL () {
  MATCH (n:Profile) WHERE n.brand_id = $brand AND n.profile_id > ''
  RETURN 'Profile' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:Identifier) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'Identifier' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:Event) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'Event' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:Order) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'Order' AS label, count(n) AS nodes
  UNION ALL
  MATCH (e:Event)-[:RECORDED]->(n:StoreVisit) USING INDEX SEEK e:Event(key) WHERE e.key STARTS WITH $brand + '|'
  RETURN 'StoreVisit' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:ProductIntent) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'ProductIntent' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:MergeHistory) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'MergeHistory' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:MergeReview) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'MergeReview' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:FeatureSet) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'FeatureSet' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:Prediction) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'Prediction' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:CustomerJourney) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'CustomerJourney' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:AutomationExecution) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'AutomationExecution' AS label, count(n) AS nodes
  UNION ALL
  MATCH (n:CampaignExecution) WHERE n.key STARTS WITH $brand + '|'
  RETURN 'CampaignExecution' AS label, count(n) AS nodes
}
RETURN label, nodes ORDER BY nodes DESC
