"""What every test may ask for. The database is a real Neo4j: the one in NEO4J_URI, or an embedded one of our own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.settings import Settings


@pytest.fixture(scope="session")
def engine_dir() -> Path:
    """The embedded Neo4j's program files, as `make setup` fetched them."""
    return Settings().engine_dir


@pytest.fixture(scope="session")
def neo4j_address(engine_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jAddress]:
    """A Neo4j for the whole session."""
    settings = Settings()
    if settings.neo4j_uri is not None and settings.neo4j_password is not None:
        yield Neo4jAddress(settings.neo4j_uri, settings.neo4j_username, settings.neo4j_password.get_secret_value())
        return
    with EmbeddedNeo4j(tmp_path_factory.mktemp("home"), engine_dir, heap="1g") as address:
        yield address
