"""Two service processes over the session's Neo4j, for whoever lets both act on the same people at once."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from neo4j import AsyncDriver

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from tests.ingest.looking import looking_at
from tests.processes import NO_TLS, Service, environment


@pytest.fixture(scope="module")
def services(
    graph: Graph, neo4j_address: Neo4jAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, ...]]:
    """Two processes, both ready."""
    folder = tmp_path_factory.mktemp("services")
    pair = tuple(Service(folder / f"{n}.log", environment(neo4j_address)) for n in (1, 2))
    try:
        for service in pair:
            service.start()
        for service in pair:
            service.wait_ready()
        yield pair
        assert [service.stop(15)[0] for service in pair] == [0, 0], [service.said() for service in pair]
    finally:
        for service in pair:
            service.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clients(services: tuple[Service, ...]) -> AsyncIterator[list[httpx.AsyncClient]]:
    opened = [httpx.AsyncClient(base_url=service.url, timeout=90, verify=NO_TLS) for service in services]
    yield opened
    for client in opened:
        await client.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(graph: Graph, neo4j_address: Neo4jAddress) -> AsyncIterator[AsyncDriver]:
    async with looking_at(neo4j_address) as driver:
        yield driver
