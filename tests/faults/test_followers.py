"""Streams that are followed while consumer and service are killed: nothing is missed, nothing comes twice."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from tests.conftest import new_brand
from tests.event_source import EventSource, write_down
from tests.ingest.looking import ask, looking_at
from tests.processes import NO_TLS, Process, Service, environment

CLOCKS = "MATCH (e:Event {brand_id: $brand}) RETURN e.event_id AS id, e.clock AS clock, e.answered_profile_id AS profile"
WRITERS = 4


@pytest.fixture
def service(graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path) -> Iterator[Service]:
    started = Service(tmp_path / "service.log", environment(neo4j_address))
    started.start()
    started.wait_ready()
    yield started
    started.kill()


class Consumer:
    """A process that follows a stream and writes down what it gets."""

    def __init__(self, url: str, brand_id: str, journal: Path) -> None:
        self._url, self._brand_id, self._journal = url, brand_id, journal
        self.start()

    def start(self) -> None:
        log = self._journal.with_suffix(".log")
        self._process = Process(log, write_down, self._url, self._brand_id, self._journal)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    @property
    def entries(self) -> list[dict[str, Any]]:
        written = self._journal.read_bytes() if self._journal.exists() else b""
        return [json.loads(line) for line in written.splitlines(keepends=True) if line.endswith(b"\n")]

    async def until(self, count: int, within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while len(self.entries) < count:  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.05)


class Writers:
    """Purchases without a pause, of people who are found out to be one; each is sent until it is acknowledged."""

    def __init__(self, url: str, brand_id: str) -> None:
        self.acknowledged: list[str] = []
        self._url, self._brand_id = url, brand_id
        self._over = False
        self._tasks = [asyncio.create_task(self._write(number)) for number in range(WRITERS)]

    async def _write(self, number: int) -> None:
        async with httpx.AsyncClient(
            base_url=self._url, timeout=30, headers={"x-brand-id": self._brand_id}, verify=NO_TLS
        ) as client:
            serial = 0
            while not self._over:
                person = f"{number}-{serial // 3 % 40}"
                carried = ({"email": f"{person}@x.org"}, {"user_id": person}, {"email": f"{person}@x.org", "user_id": person})
                await self._send(client, {"identifiers": carried[serial % 3], "idempotency_key": f"{number} {serial}"})
                serial += 1

    async def _send(self, client: httpx.AsyncClient, body: dict[str, object]) -> None:
        while True:
            try:
                answer = await client.post("/api/events", json={"type": "x", **body})
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 200:
                self.acknowledged.append(answer.json()["data"]["events"][0]["event_id"])
                return
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.1)

    async def more(self, count: int, within_s: float = 60.0) -> None:
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(within_s):
            while len(self.acknowledged) < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)


async def test_consumer_and_service_are_killed(service: Service, neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """Laws: every acknowledged event comes once, positions have no gaps, each profile's events come in their order."""
    brand = new_brand()
    streams = f"{service.url}/api/streams"
    consumer = Consumer(f"{streams}/events.normalized", brand, tmp_path / "journal")
    changes = EventSource(f"{streams}/identity.changes", brand)
    following = asyncio.create_task(changes.follow())
    writers = Writers(service.url, brand)
    try:
        await consumer.until(30)
        consumer.kill()
        await writers.more(30)
        consumer.start()
        await consumer.until(60)
        service.kill()
        service.start()
        await asyncio.to_thread(service.wait_ready)
        await writers.more(30)
        await writers.stop()
        await consumer.until(len(writers.acknowledged))
        told = await entries(service.url, "identity.changes", brand)
        await changes.until(len(told))
        code, took = await asyncio.to_thread(service.stop)
        print(f"stopped_with_open_streams_s {took:.2f}")
    finally:
        consumer.kill()
        following.cancel()
    assert code == 0, service.said()
    assert took < 8
    seen = consumer.entries
    assert [entry["position"] for entry in seen] == list(range(1, len(seen) + 1))
    assert sorted(entry["event_id"] for entry in seen) == sorted(writers.acknowledged)
    await assert_in_order(neo4j_address, brand, [entry["event_id"] for entry in seen])
    assert changes.connections > 1
    assert changes.positions == list(range(1, len(told) + 1))
    assert [message.data for message in changes.seen] == told
    assert {entry["type"] for entry in told} == {"merge.completed", "profile.created", "profile.merged"}


async def entries(url: str, topic: str, brand: str) -> list[Any]:
    async with httpx.AsyncClient(timeout=30, verify=NO_TLS) as client:
        answer = await client.get(f"{url}/api/streams/{topic}?limit=1000", headers={"x-brand-id": brand})
    assert answer.json()["next"] is None
    return list(answer.json()["data"])


async def assert_in_order(address: Neo4jAddress, brand: str, sequence: list[str]) -> None:
    async with looking_at(address) as database:
        of = {row["id"]: row for row in await ask(database, CLOCKS, brand=brand)}
    last: dict[str, int] = {}
    for event_id in sequence:
        row = of[event_id]
        assert row["clock"] > last.get(row["profile"], 0)
        last[row["profile"]] = row["clock"]
