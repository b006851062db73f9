"""A brand whose automations are run: the real app over the real graph, and what stands in for what is learnt."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from neo4j import AsyncDriver

from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings
from tests.act.fake_mail import Mailbox, post_office
from tests.act.fake_twilio import FakeTwilio, Line, twilio_line
from tests.api.brand import Brand
from tests.api.conftest import driver  # noqa: F401 - a fixture
from tests.conftest import new_brand

NOON = datetime(2024, 1, 19, 15, tzinfo=UTC)


class Services:
    """One service for all tests that want the same settings: to put one together takes longer than most of them, and each
    has its own brand. Nothing is done by the clock."""

    def __init__(self, graph: Graph, until: AsyncExitStack) -> None:
        self._graph, self._until = graph, until
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def client(self, **settings: Any) -> httpx.AsyncClient:
        asked = repr(sorted(settings.items()))
        if asked not in self._clients:
            app = create_app(self._graph, Settings(**{"request_deadline_s": 60, "scheduler": False, **settings}))
            await self._until.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            opened = httpx.AsyncClient(transport=transport, base_url="http://constintel", timeout=60)
            self._clients[asked] = await self._until.enter_async_context(opened)
        return self._clients[asked]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def services(graph: Graph) -> AsyncIterator[Services]:
    async with AsyncExitStack() as until:
        yield Services(graph, until)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(services: Services) -> httpx.AsyncClient:
    return await services.client()


@pytest.fixture(scope="session")
def line() -> Iterator[Line]:
    """Where Twilio answers, for the whole room."""
    with twilio_line() as opened:
        yield opened


@pytest.fixture
def twilio(line: Line) -> FakeTwilio:
    """A Twilio that has seen nothing; what still comes of an earlier test goes to that one's."""
    return line.renewed()


@pytest.fixture(scope="session")
def box() -> Iterator[Mailbox]:
    """One address for all tests, so that they can share services."""
    with post_office() as opened:
        yield opened


@pytest.fixture
def mailbox(box: Mailbox) -> Mailbox:
    box.empty()
    return box


class Acting(Brand):
    """A brand with words for what its people do, and for the job that looks at it."""

    async def adds(self, email: str, at: datetime, product: str = "Premium Sneakers", kind: str = "cart_add") -> str:
        return await self.does(email, at, kind, {"product_id": product, "product_name": product})

    async def buys(self, email: str, at: datetime) -> str:
        return await self.does(email, at, "purchase", {"total": 10, "order_id": f"{at.timestamp()}"})

    async def does(self, email: str, at: datetime, kind: str, properties: dict[str, Any] | None = None, **more: Any) -> str:
        identifiers = {"email": email, **more}
        body = {"type": kind, "identifiers": identifiers, "occurred_at": at.isoformat(), "properties": properties or {}}
        (told,) = (await self.post("/api/events", body))["data"]["events"]
        return str(told["profile_id"])

    async def writes(self, number: str, body: str, at: datetime, channel: str = "whatsapp:") -> None:
        said = {
            "From": f"{channel}{number}",
            "Body": body,
            "MessageSid": f"SM{number}{at.timestamp()}{body}",
            "timestamp": at.isoformat(),
        }
        await self.post("/api/integrations/twilio/webhook", said)

    async def person(self, name: str, number: str, **attributes: str) -> str:
        """An imported person with an e-mail and a phone."""
        identifiers = {"email": f"{name.lower()}@example.com", "phone": number}
        return await self.bring(identifiers=identifiers, attributes={"first_name": name, **attributes}, profile_id=name.lower())

    async def predict(self, profile_id: str, at: datetime, segment: str, churn: float = 0.1) -> None:
        """As the job `predictions` writes it, of the person as they are now."""
        await self.cypher(
            "MATCH (p:ProfileId {key: $brand + '|' + $id}) MERGE (p)-[:HAS_PREDICTION]->(s:Prediction {key: p.key}) "
            "SET s.brand_id = $brand, s.profile_id = $id, s.segment = $segment, s.churn_score = $churn, s.as_of = $at, "
            "s.features_clock = p.clock",
            id=profile_id,
            segment=segment,
            churn=churn,
            at=at,
        )

    async def job(self, at: datetime, name: str = "automations") -> dict[str, Any]:
        done: dict[str, Any] = (await self.post(f"/api/jobs/{name}/run", {"as_of": at.isoformat()}))["data"]
        return done

    async def only(self, of: str, **change: Any) -> str:
        """Leaves one of the first three automations active, changed; its id."""
        await self.cypher("MERGE (:Brand {brand_id: $brand})")
        kept = ""
        for one in await self.data("/api/automations"):
            changed = {"active": True, **change} if one["trigger"] == of else {"active": False}
            kept = one["automation_id"] if one["trigger"] == of else kept
            await self.patch(one["automation_id"], changed)
        return kept

    async def patch(self, automation_id: str, change: dict[str, Any]) -> None:
        path = f"/api/automations/{automation_id}"
        answer = await self._client.patch(path, json=change, headers={"x-brand-id": self.brand_id})
        assert answer.status_code == 200, answer.text

    async def later(self) -> None:
        """As if so much time had passed that every message is due, and every claim of one has run out."""
        await self.cypher("MATCH (c:CampaignExecution {brand_id: $brand}) WHERE c.due IS NOT NULL SET c.due = 0")

    async def executions(self, **asked: str) -> list[dict[str, Any]]:
        return await self.pages("/api/automation-executions", **asked)

    async def messages(self, **asked: str) -> list[dict[str, Any]]:
        return await self.pages("/api/campaign-executions", **asked)


@pytest.fixture
def brand(client: httpx.AsyncClient, driver: AsyncDriver) -> Acting:  # noqa: F811
    return Acting(new_brand(), client, driver)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
