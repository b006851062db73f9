"""A real Neo4j Community server as a child process, for machines on which nobody has set one up."""

from app.graph.embedded.errors import EmbeddedNeo4jError, EngineError, HomeInUseError, PortTakenError, StartError
from app.graph.embedded.finding import Neo4jStatus
from app.graph.embedded.login import Neo4jAddress
from app.graph.embedded.server import EmbeddedNeo4j

__all__ = [
    "EmbeddedNeo4j",
    "EmbeddedNeo4jError",
    "EngineError",
    "HomeInUseError",
    "Neo4jAddress",
    "Neo4jStatus",
    "PortTakenError",
    "StartError",
]
