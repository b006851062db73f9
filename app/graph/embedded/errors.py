"""What can go wrong with the embedded Neo4j. Each message says what was wrong, where, and how to mend it."""

from app.domain.errors import SetUpError


class EmbeddedNeo4jError(SetUpError):
    """The embedded Neo4j cannot do what was asked; the message is meant for the person at the terminal."""


class EngineError(EmbeddedNeo4jError):
    """The program files are missing, incomplete or not the ones that the lock names."""


class HomeInUseError(EmbeddedNeo4jError):
    """Another process owns this home, and one store has one owner."""


class PortTakenError(EmbeddedNeo4jError):
    """The Bolt port that was asked for is in use."""


class StartError(EmbeddedNeo4jError):
    """Neo4j did not come up; the message carries the end of its log."""
