// Drops the index that an unfinished constraint left behind. One that a constraint owns, Neo4j does not drop so. in: index
DROP INDEX $index IF EXISTS
