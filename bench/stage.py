"""Everything the benchmark needs running, started and stopped together."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from neo4j import AsyncDriver, AsyncGraphDatabase

from app.graph.embedded import EmbeddedNeo4j
from app.settings import Settings
from bench.postgres import postgres
from bench.processes import ROOT, free_port, running, say, uvicorn_command, wait_for_http

SERVICE, PEER, HTTP_CEILING = "ConstIntel", "FastAPI + asyncpg + PostgreSQL", "ceiling: HTTP, nothing stored"


@dataclass(frozen=True, slots=True)
class Server:
    """Where something answers, and the processes (with their children) whose processor time is its own."""

    url: str
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Who can be measured, by name; the service's home; how to get into the peer's database (None: left out)."""

    folder: Path
    home: Path
    servers: dict[str, Server]
    dsn: str | None

    def driver(self) -> AsyncDriver:
        """Straight to the service's Neo4j, past the service."""
        return driver_of(self.home)


def driver_of(home: Path) -> AsyncDriver:
    """Straight to the Neo4j that runs in a home."""
    address = EmbeddedNeo4j(home, Settings().engine_dir).address
    return AsyncGraphDatabase.driver(address.uri, auth=(address.username, address.password))


@contextlib.contextmanager
def stage(*, peer: bool, profile: Path | None) -> Iterator[Stage]:
    """All of it, until the block ends. `profile` is where the service's profile goes, None for none."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="constintel-bench-")))
        home = folder / "home"
        servers = {SERVICE: stack.enter_context(service(folder, home, profile))}
        database = stack.enter_context(postgres()) if peer else None
        if database is not None:
            server = stack.enter_context(_app(PEER, "bench.peer_postgres:create_app", folder, {"PEER_DSN": database.dsn}))
            servers[PEER] = Server(server.url, (*server.pids, database.pid))
        servers[HTTP_CEILING] = stack.enter_context(_app(HTTP_CEILING, "bench.ceiling_http:create_app", folder, {}))
        yield Stage(folder, home, servers, database.dsn if database else None)


@contextlib.contextmanager
def service(folder: Path, home: Path, profile: Path | None) -> Iterator[Server]:
    """`constintel serve` with a Neo4j of its own, whatever NEO4J_URI says, from when it is ready."""
    port, log = free_port(), folder / "service.log"
    command = [str(ROOT / ".venv" / "bin" / "constintel")]
    if profile is not None:
        command = [sys.executable, "-m", "bench.profile_service", str(profile)]
    command += ["serve", "--home", str(home), "--port", str(port)]
    say("starting the service and its Neo4j ...")
    with contextlib.ExitStack() as stack:
        # Whatever becomes of the service, its Neo4j must not outlive us.
        stack.callback(EmbeddedNeo4j(home, Settings().engine_dir).stop_detached)
        process = stack.enter_context(running(SERVICE, command, log, {"NEO4J_URI": ""}))
        url = f"http://127.0.0.1:{port}"
        wait_for_http(SERVICE, f"{url}/readyz", process, log, patience_s=180.0)
        yield Server(url, (process.pid,))


@contextlib.contextmanager
def _app(name: str, factory: str, folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    port, log = free_port(), folder / f"{factory.partition(':')[0]}.log"
    say(f"starting {name} ...")
    with running(name, uvicorn_command(factory, port), log, environment) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for_http(name, f"{url}/healthz", process, log)
        yield Server(url, (process.pid,))
