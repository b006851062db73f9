// Which Neo4j answers, and what time it is there; reads nothing of any brand. out: one row {version, edition, ms}
CALL dbms.components() YIELD name, versions, edition
WITH versions, edition WHERE name = 'Neo4j Kernel'
RETURN versions[0] AS version, edition, datetime.realtime().epochMillis AS ms
