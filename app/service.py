"""Runs the service: the embedded Neo4j when none is named, migrations, then HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn

from app.domain.errors import SetUpError, Unavailable
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.graph.migrations import migrate
from app.main import create_app
from app.settings import Settings

Report = Callable[[str], None]


@asynccontextmanager
async def open_graph(settings: Settings, embedded: EmbeddedNeo4j, report: Report) -> AsyncIterator[Graph]:
    """The graph, migrated: the one named by NEO4J_URI, else the embedded one, which stops with us."""
    if settings.neo4j_uri is not None and settings.neo4j_password is not None:
        password = settings.neo4j_password.get_secret_value()
        address = Neo4jAddress(settings.neo4j_uri, settings.neo4j_username, password)
        async with _connected(settings, address, report) as graph:
            yield graph
        return
    address = await asyncio.to_thread(embedded.start)
    try:
        async with _connected(settings, address, report) as graph:
            yield graph
    finally:
        await asyncio.to_thread(embedded.stop)


@asynccontextmanager
async def _connected(settings: Settings, address: Neo4jAddress, report: Report) -> AsyncIterator[Graph]:
    graph = Graph.connect(address.uri, address.username, address.password, settings.neo4j_database)
    try:
        await _migrated(graph, address, report)
        yield graph
    finally:
        await graph.close()


async def _migrated(graph: Graph, address: Neo4jAddress, report: Report) -> None:
    try:
        await migrate(graph, say=report)
    except Unavailable as error:
        raise SetUpError(f"Neo4j at {address.uri} does not answer; start it, or unset NEO4J_URI for the embedded one") from error


async def serve(settings: Settings, embedded: EmbeddedNeo4j, report: Report, ready: Callable[[], None] | None = None) -> None:
    """Serves until SIGTERM or Ctrl-C. `ready` is called once requests are answered."""
    async with open_graph(settings, embedded, report) as graph:
        config = uvicorn.Config(
            create_app(graph, settings),
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_level=settings.log_level.lower(),
            timeout_graceful_shutdown=10,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers a flag, not an event
            await asyncio.sleep(0.02)
        if server.started:
            report(f"ConstIntel answers on http://{settings.host}:{settings.port}")
            if ready is not None:
                ready()
        await task
