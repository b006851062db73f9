"""Runs the service: the embedded Neo4j when none is named, migrations, then HTTP."""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

import uvicorn

from app.domain.errors import SetUpError, Unavailable
from app.graph.cypher_door import CypherDoor
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.graph.migrations import migrate
from app.ingest.warm_up import warm_up
from app.main import create_app
from app.settings import Settings

Report = Callable[[str], None]


@asynccontextmanager
async def open_neo4j(settings: Settings, embedded: EmbeddedNeo4j) -> AsyncIterator[Neo4jAddress]:
    """The Neo4j named by NEO4J_URI, else the embedded one, which stops with us."""
    if settings.neo4j_uri is not None and settings.neo4j_password is not None:
        yield Neo4jAddress(settings.neo4j_uri, settings.neo4j_username, settings.neo4j_password.get_secret_value())
        return
    address = await asyncio.to_thread(embedded.start)
    try:
        yield address
    finally:
        await asyncio.to_thread(embedded.stop)


@asynccontextmanager
async def open_graph(address: Neo4jAddress, database: str | None, report: Report) -> AsyncIterator[Graph]:
    """A migrated graph. Raises SetUpError when Neo4j does not answer or the migrations do not fit."""
    graph = Graph.connect(address.uri, address.username, address.password, database)
    try:
        await migrate(graph, say=report)
        yield graph
    except Unavailable as error:
        raise SetUpError(f"Neo4j at {address.uri} does not answer; start it, or unset NEO4J_URI for the embedded one") from error
    finally:
        await graph.close()


async def serve(settings: Settings, embedded: EmbeddedNeo4j, report: Report, ready: Callable[[], None] | None = None) -> None:
    """Serves until SIGTERM or Ctrl-C. `ready` is called once requests are answered. Raises SetUpError."""
    # The port first: a second service should say so at once, not after it has started a database.
    with closing(listen(settings.host, settings.port)) as listener:
        if not ipaddress.ip_address(listener.getsockname()[0]).is_loopback:
            report(
                f"warning: {settings.host} is not loopback and no API keys exist, so everybody who reaches it may do everything"
            )
        async with open_neo4j(settings, embedded) as address, open_graph(address, settings.neo4j_database, report) as graph:
            await warm_up(graph)
            door = CypherDoor(address.uri, address.username, address.password, settings.neo4j_database)
            try:
                server = uvicorn.Server(_config(settings, graph, door))
                await _run(server, listener, lambda: _answering(settings, report, ready))
            finally:
                await door.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SetUpError when the port is taken or the host is not ours."""
    try:
        family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(1024)
    except OSError as error:
        raise SetUpError(
            f"cannot listen on {host}:{port} ({error.strerror}); is it running already? Choose another --port"
        ) from error
    return listener


def _config(settings: Settings, graph: Graph, door: CypherDoor) -> uvicorn.Config:
    level = settings.log_level.lower()
    app = create_app(graph, settings, door)
    return uvicorn.Config(app, http="httptools", access_log=False, log_level=level, timeout_graceful_shutdown=10)


async def _run(server: uvicorn.Server, listener: socket.socket, started: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again once it has stopped; it must end here, not the process, or Neo4j outlives us.
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers a flag, not an event
        await asyncio.sleep(0.02)
    if server.started:
        started()
    await task


def _answering(settings: Settings, report: Report, ready: Callable[[], None] | None) -> None:
    report(f"ConstIntel answers on http://{settings.host}:{settings.port}")
    if ready is not None:
        ready()
