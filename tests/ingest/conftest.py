"""The service in this very process, over the session's graph; and a brand that speaks to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from neo4j import AsyncDriver

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.main import create_app
from app.settings import Settings
from tests.ingest.looking import Person, ask, check_laws, count, looking_at, people


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(graph: Graph, neo4j_address: Neo4jAddress) -> AsyncIterator[AsyncDriver]:
    """The migrated graph, as somebody who looks at it from outside."""
    async with looking_at(neo4j_address) as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(graph: Graph) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service. What the service answers to a failure is looked at, so failures are not raised here."""
    transport = httpx.ASGITransport(create_app(graph, Settings(request_deadline_s=30)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=60) as opened:
        yield opened


@dataclass(frozen=True)
class Shop:
    """One brand: what it sends, and what the graph holds of it."""

    brand_id: str
    client: httpx.AsyncClient
    database: AsyncDriver

    async def send(self, path: str, body: object, **headers: str) -> httpx.Response:
        """POSTs bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(
            path, content=content, headers={"content-type": "application/json", "x-brand-id": self.brand_id, **named}
        )

    async def events(self, path: str, body: object, **headers: str) -> list[dict[str, Any]]:
        """The answers to a delivery that is taken."""
        answer = await self.send(path, body, **headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"]["events"])

    async def event(self, body: object, path: str = "/api/events", **headers: str) -> dict[str, Any]:
        (only,) = await self.events(path, body, **headers)
        return only

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path, headers={"x-brand-id": self.brand_id})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def count(self, label: str = "") -> int:
        return await count(self.database, self.brand_id, label)

    async def people(self) -> set[Person]:
        return await people(self.database, self.brand_id)

    async def check_laws(self) -> None:
        await check_laws(self.database, self.brand_id)

    async def ask(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        return await ask(self.database, query, brand=self.brand_id, **parameters)


@pytest.fixture
def shop(brand_id: str, client: httpx.AsyncClient, database: AsyncDriver) -> Shop:
    return Shop(brand_id, client, database)


@pytest_asyncio.fixture
async def patient(graph: Graph, brand_id: str, database: AsyncDriver) -> AsyncIterator[Shop]:
    """A brand of a service of its own, patient on a busy machine."""
    transport = httpx.ASGITransport(create_app(graph, Settings(request_deadline_s=60)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=120) as opened:
        yield Shop(brand_id, opened, database)
