"""Neo4j: driver, embedded server, migrations, query loader, read, write."""
