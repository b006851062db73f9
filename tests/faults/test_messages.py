"""Exactly once: 200 abandoned carts, two replicas, one of them killed -9 five times in the middle of a run."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from tests.act.fake_twilio import FakeTwilio, Wrong, fake_twilio
from tests.conftest import new_brand
from tests.processes import NO_TLS, Service, environment

ROUNDS, CARTS = 5, 40  # of each round
BEGIN = datetime(2024, 1, 19, 12, tzinfo=UTC)
APART = timedelta(minutes=10)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """Twilio: sometimes too busy, sometimes late with an answer, sometimes late altogether."""
    chance = random.Random(7)

    def plan(_: dict[str, str]) -> Wrong:
        drawn = chance.random()
        if drawn < 0.10:
            return Wrong(429)
        if drawn < 0.13:
            return Wrong(answer_after_s=1)
        if drawn < 0.15:
            return Wrong(accept_after_s=1)
        return Wrong(answer_after_s=0.1)

    with fake_twilio() as fake:
        fake.plan = plan
        yield fake


@pytest.fixture
def replicas(graph: Graph, neo4j_address: Neo4jAddress, twilio: FakeTwilio, tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    settings = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "secret",
        "TWILIO_SMS_FROM": "+15558888",
        "TWILIO_API_BASE": twilio.url,
        "CONSTINTEL_JOB_LEASE_S": "1",
        "CONSTINTEL_SEND_TIMEOUT_S": "0.6",
        "CONSTINTEL_SEND_BACKOFF_S": "0.2",
    }
    given = environment(neo4j_address, **settings)
    both = Service(tmp_path / "survivor.log", given), Service(tmp_path / "victim.log", given)
    for one in both:
        one.start()
    for one in both:
        one.wait_ready()
    yield both
    for one in both:
        one.kill()


class Shop:
    """One brand, seen through either replica."""

    def __init__(self) -> None:
        self.brand_id = new_brand()
        self.headers = {"x-brand-id": self.brand_id}

    async def prepare(self, replica: Service) -> None:
        """Carts that are left alone in five groups, one after the other; the recovery goes out by SMS."""
        async with httpx.AsyncClient(base_url=replica.url, headers=self.headers, timeout=60, verify=NO_TLS) as client:
            carts = [
                {
                    "type": "cart_add",
                    "identifiers": {"phone": f"+1415555{1000 + number}"},
                    "occurred_at": (BEGIN + number // CARTS * APART).isoformat(),
                    "properties": {"product_name": "Sneakers"},
                }
                for number in range(ROUNDS * CARTS)
            ]
            (await client.post("/api/events", json=carts)).raise_for_status()
            path = "/api/automations/cart-abandonment-recovery"
            (await client.patch(path, json={"channel": "sms"})).raise_for_status()

    async def run(self, replica: Service, number: int) -> bool:
        """The job, once the carts of a round are abandoned. Whether it came to its end."""
        as_of = BEGIN + timedelta(hours=2) + number * APART
        try:
            async with httpx.AsyncClient(base_url=replica.url, headers=self.headers, timeout=60, verify=NO_TLS) as client:
                answer = await client.post("/api/jobs/cart-abandonment/run", json={"as_of": as_of.isoformat()})
        except httpx.TransportError:
            return False
        assert answer.status_code in {200, 409, 503}, answer.text
        return answer.status_code == 200

    async def listed(self, replica: Service, path: str) -> list[dict[str, Any]]:
        async with httpx.AsyncClient(base_url=replica.url, headers=self.headers, timeout=60, verify=NO_TLS) as client:
            found: list[dict[str, Any]] = (await client.get(path, params={"limit": 1000})).json()["data"]
            return found


async def test_two_hundred_carts_and_two_hundred_messages(replicas: tuple[Service, Service], twilio: FakeTwilio) -> None:
    began, shop = time.monotonic(), Shop()
    survivor, victim = replicas
    await shop.prepare(survivor)
    cut_short = 0
    for number in range(ROUNDS):
        before = twilio.calls
        running = asyncio.create_task(shop.run(victim, number))
        async with asyncio.timeout(20):
            while twilio.calls < before + 8 and not running.done():  # noqa: ASYNC110 - the outside world
                await asyncio.sleep(0.01)
        await asyncio.to_thread(victim.kill)
        cut_short += not await running
        victim.start()
        # Meanwhile the other one goes on, once it is sure that nobody else runs the job.
        await asyncio.gather(shop.run(survivor, number), asyncio.to_thread(victim.wait_ready))
    assert cut_short == ROUNDS
    async with asyncio.timeout(40):
        while any(one["status"] == "queued" for one in await shop.listed(survivor, "/api/campaign-executions")):
            await asyncio.gather(shop.run(survivor, ROUNDS - 1), shop.run(victim, ROUNDS - 1))
            await asyncio.sleep(0.2)
    print(f"drill_s {time.monotonic() - began:.1f}, calls {twilio.calls}")
    there = {one["to"]: one["sid"] for one in twilio.messages}
    assert len(twilio.messages) == len(there) == ROUNDS * CARTS
    told = await shop.listed(survivor, "/api/campaign-executions")
    assert {one["status"] for one in told} == {"sent"}
    assert {one["to"]: one["message_id"] for one in told} == there
    executions = await shop.listed(survivor, "/api/automation-executions")
    assert [one["status"] for one in executions] == ["executed"] * ROUNDS * CARTS
    statuses = {run["status"] for run in await shop.listed(survivor, "/api/jobs/cart-abandonment/runs")}
    assert statuses == {"done", "interrupted"}
