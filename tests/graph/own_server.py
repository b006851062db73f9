"""A Neo4j of this room's own, which nobody else talks to: it may be killed, made to hang, and its schema dropped."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.graph.embedded import EmbeddedNeo4j
from app.graph.migration_files import digest

HEAP, PAGECACHE = "512m", "64m"


def manager(home: Path, engine_dir: Path, **options: object) -> EmbeddedNeo4j:
    return EmbeddedNeo4j(home, engine_dir, **{"heap": HEAP, "pagecache": PAGECACHE, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="package")
def lost_port() -> Iterator[int]:
    """A port that was free when it was chosen and is taken when Neo4j gets to it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.fixture(scope="package")
def embedded(engine_dir: Path, tmp_path_factory: pytest.TempPathFactory, lost_port: int) -> Iterator[EmbeddedNeo4j]:
    """Started as by the slower one of two services that both find 7687 free: it has to move on to another port."""
    server = manager(tmp_path_factory.mktemp("shared"), engine_dir, holds=digest())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.graph.embedded.server.choose_port", lambda _fixed: lost_port)
        server.start()
    yield server
    # Left running for others, it is ended by whoever asks for that.
    server.detach()
    assert server.status().running
    assert manager(server.layout.root.parent, engine_dir).stop_detached()
    assert not server.status().running
