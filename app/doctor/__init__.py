"""`constintel doctor`: what is wrong with this machine, this home and this Neo4j, and how to mend each."""
