"""The real app over the real graph, without a socket between."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from neo4j import AsyncDriver, AsyncGraphDatabase

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.main import create_app
from app.settings import Settings
from tests.api.brand import Brand
from tests.api.keeping_word import kept_to_its_word
from tests.conftest import new_brand


@pytest.fixture(scope="session")
def app(graph: Graph) -> FastAPI:
    """Patient, because the first write to a cold Neo4j plans every statement, which takes seconds on a busy machine."""
    return create_app(graph, Settings(request_deadline_s=60, rules_grace_s=0))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Sends no brand of itself."""
    async with kept_to_its_word(app) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver(neo4j_address: Neo4jAddress) -> AsyncIterator[AsyncDriver]:
    """A connection of the tests' own, for looking into the graph."""
    auth = (neo4j_address.username, neo4j_address.password)
    async with AsyncGraphDatabase.driver(neo4j_address.uri, auth=auth, notifications_min_severity="OFF") as opened:
        yield opened


@pytest.fixture
def brand(client: httpx.AsyncClient, driver: AsyncDriver) -> Brand:
    """A brand that nobody has seen."""
    return Brand(new_brand(), client, driver)


@pytest.fixture
def stranger(client: httpx.AsyncClient, driver: AsyncDriver) -> Brand:
    """Another brand, which must see nothing of the first."""
    return Brand(new_brand(), client, driver)
