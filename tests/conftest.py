"""What every test may ask for. The database is a real Neo4j: the one in NEO4J_URI, or an embedded one of our own."""

import asyncio
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from app.domain import loopback
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.graph.embedded.login import can_log_in
from app.graph.embedded.server import START_PATIENCE_S
from app.graph.migration_files import digest
from app.graph.migrations import migrate
from app.ingest.warm_up import warm_up
from app.running import settle_memory
from app.settings import Settings

# Every Neo4j that tests start, also through the service, compiles with Java's first compiler only: a test run is too short
# for the second to pay, which takes most of a core for over a minute.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

# Whatever proxy a machine has, the services that tests start are on this very machine.
os.environ["no_proxy"] = ",".join(loopback.HOSTS)

# All tests share one graph, in which some make keys: a service asks for none unless its test says so.
os.environ["CONSTINTEL_ACCESS"] = "open"

# What needs no server, and what starts one of its own that nobody else talks to: rooms of their own for the scheduler.
ALONE = (
    "domain/", "learn/", "payloads/", "resolve/", "sources/", "test_architecture.py", "test_docs.py", "test_listening.py",
    "test_locked_file.py", "test_own_names.py", "test_settings.py",
)  # fmt: skip
OWN_SERVER = ("access/", "graph/test_aot_cache.py", "graph/test_embedded.py", "graph/test_migrations.py")
LONGEST_FIRST = (
    "own server", "act", "alone", "api", "faults", "console", "graph", "ingest", "scenarios", "doctor", "deploy", "bench",
)  # fmt: skip


class ByRoom(LoadScopeScheduling):
    """Whoever is free takes the longest room that is left: fixtures of a room are made once, and nobody idles for long."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.removeprefix("tests/")
        return "own server" if path.startswith(OWN_SERVER) else "alone" if path.startswith(ALONE) else path.partition("/")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        known = {room: place for place, room in enumerate(LONGEST_FIRST)}
        self.workqueue.move_to_end(min(self.workqueue, key=lambda room: known.get(room, len(known))), last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByRoom:
    return ByRoom(config, log)


# A run of tests is short and its brands are small: plans that are made anew as the graph grows would be most of what Java does.
REPLAN = "1h"
SERVER = pytest.StashKey[tuple[EmbeddedNeo4j, Future[Neo4jAddress]]]()
HOME = "neo4j_home"


def pytest_configure(config: pytest.Config) -> None:
    """Several processes share one Neo4j, which plans and compiles once for all. Who shares the tests out starts it, while the
    others collect."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput") and Settings().neo4j_uri is None:
        home = Path(tempfile.mkdtemp(prefix="constintel-tests-"))
        server = EmbeddedNeo4j(home, Settings().engine_dir, heap="1g", replan=REPLAN, holds=digest())
        config.stash[SERVER] = server, ThreadPoolExecutor(1).submit(server.start)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    if (started := node.config.stash.get(SERVER, None)) is not None:
        node.workerinput[HOME] = str(started[0].layout.root.parent)


def pytest_collection_finish(session: pytest.Session) -> None:
    """As the service does before it serves: what was imported and collected stays, and need not be looked at again and again."""
    settle_memory()


def pytest_unconfigure(config: pytest.Config) -> None:
    if (started := config.stash.get(SERVER, None)) is not None:
        server, starting = started
        server.stop()
        shutil.rmtree(server.layout.root.parent)
        starting.result()  # what went wrong is told, however the tests ended


@pytest.fixture(scope="session")
def engine_dir() -> Path:
    """The embedded Neo4j's program files, as `make setup` fetched them."""
    return Settings().engine_dir


@pytest.fixture(scope="session")
def neo4j_address(
    request: pytest.FixtureRequest, engine_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neo4jAddress]:
    """A Neo4j for the whole session."""
    if home := getattr(request.config, "workerinput", {}).get(HOME):
        yield _answering(EmbeddedNeo4j(Path(home), engine_dir))
        return
    settings = Settings()
    if settings.neo4j_uri is not None and settings.neo4j_password is not None:
        yield Neo4jAddress(settings.neo4j_uri, settings.neo4j_username, settings.neo4j_password.get_secret_value())
        return
    with EmbeddedNeo4j(tmp_path_factory.mktemp("home"), engine_dir, heap="1g", replan=REPLAN, holds=digest()) as address:
        yield address


def _answering(shared: EmbeddedNeo4j) -> Neo4jAddress:
    """Where it answers, once it does."""
    deadline = time.monotonic() + START_PATIENCE_S
    while not (shared.status().listening and can_log_in(shared.address)):
        assert time.monotonic() < deadline, "the session's Neo4j did not start; what was in its way is told at the end"
        time.sleep(0.1)
    return shared.address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def graph(neo4j_address: Neo4jAddress) -> AsyncIterator[Graph]:
    """A connection to that Neo4j, migrated and warm."""
    # Patient, because a busy machine is no failure.
    opened = Graph.connect(neo4j_address.uri, neo4j_address.username, neo4j_address.password, patience_s=60)
    await migrate(opened)
    await warm_up(opened)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_loop() -> asyncio.AbstractEventLoop:
    """The loop that session fixtures live in, for tests that must drive it themselves (Hypothesis calls no coroutines)."""
    return asyncio.get_running_loop()


def new_brand() -> str:
    """A brand nobody has seen: tests share one graph and wipe nothing."""
    return f"t-{uuid.uuid4().hex[:20]}"


@pytest.fixture
def brand_id() -> str:
    return new_brand()
