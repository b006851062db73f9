"""kill -9 of the service and of Neo4j, under load: what was acknowledged is there, once, and everything comes back by itself."""

import asyncio
import json
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from neo4j import AsyncDriver

from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.graph.rows import key
from tests.ingest.looking import ask, check_laws, count, looking_at
from tests.processes import NO_TLS, Service, environment, hold_still

BRAND = "crash"
CLIENTS = 8
MANY = 80  # acknowledged before a fault, and again after it
ANSWER_WITHIN_S = 5.0
HEAP, PAGECACHE = "512m", "64m"
LONG = 2_000  # events of an erasure that is cut short
RUNS = "SHOW TRANSACTIONS YIELD currentQuery AS text WHERE text STARTS WITH '// ' + $step RETURN text"
LOCKED = "MATCH (i:Identifier {key: $key})<-[:CARRIES]-(e:Event) WITH e LIMIT 1 REMOVE e.lock RETURN e.event_id AS id"
SMALL = {"CONSTINTEL_NEO4J_HEAP": HEAP, "CONSTINTEL_NEO4J_PAGECACHE": PAGECACHE}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crash")


@pytest.fixture(scope="module")
def service(home: Path, engine_dir: Path) -> Iterator[Service]:
    """A service with a Neo4j of its own."""
    given = environment(None, **SMALL, CONSTINTEL_ENGINE_DIR=str(engine_dir))
    started = Service(home / "service.log", given, "--home", str(home))
    try:
        started.start()
        started.wait_ready()
        yield started
    finally:
        started.kill()
        EmbeddedNeo4j(home, engine_dir).stop_detached()


@dataclass
class Load:
    """Clients that send purchases without a pause, each again and again until it is acknowledged."""

    url: str
    name: str = field(default_factory=lambda: uuid.uuid4().hex)  # so that no two runs send the same key
    acknowledged: dict[str, str] = field(default_factory=dict)  # idempotency key -> event id
    answers: list[tuple[float, int, float]] = field(default_factory=list)  # when, status, seconds
    wrong: list[str] = field(default_factory=list)
    hung_up: int = 0
    sent: int = 0
    over: bool = False

    async def run(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=30, headers={"x-brand-id": BRAND}, verify=NO_TLS) as client:
            while not self.over:
                self.sent += 1
                await self._until_acknowledged(client, self.sent)

    async def _until_acknowledged(self, client: httpx.AsyncClient, serial: int) -> None:
        body = {
            "type": "purchase",
            "identifiers": {"email": f"c{serial % 40}@mail.org", "phone": f"+1415555{1000 + serial % 40}"},
            "properties": {"total": 10},
            "idempotency_key": f"{self.name}-{serial}",
        }
        while not self.over:
            began = time.monotonic()
            try:
                answer = await client.post("/api/events", json=body)
            except httpx.TransportError:
                self.hung_up += 1
                await asyncio.sleep(0.1)
                continue
            self.answers.append((began, answer.status_code, time.monotonic() - began))
            if answer.status_code == 200:
                self.acknowledged[f"{self.name}-{serial}"] = answer.json()["data"]["events"][0]["event_id"]
                return
            if answer.status_code != 503 or "retry-after" not in answer.headers:
                self.wrong.append(f"{answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(0.1)

    async def more(self, count: int, within_s: float = 60.0) -> float:
        """Waits until so many more are acknowledged; how many seconds that took."""
        began, wanted = time.monotonic(), len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:
            assert time.monotonic() - began < within_s, (self.answers[-3:], self.wrong[-3:], self.hung_up)
            await asyncio.sleep(0.02)
        return time.monotonic() - began


@asynccontextmanager
async def under_load(service: Service) -> AsyncIterator[Load]:
    load = Load(service.url)
    tasks = [asyncio.create_task(load.run()) for _ in range(CLIENTS)]
    try:
        yield load
    finally:
        load.over = True
        await asyncio.gather(*tasks)


async def check(home: Path, load: Load) -> None:
    """Every acknowledged event is there once, and nothing that was never sent."""
    async with looking_at(address_of(home)) as database:
        found = await ask(database, "MATCH (e:Event {brand_id: $brand}) RETURN e.event_id AS id, count(*) AS n", brand=BRAND)
        there = {row["id"]: row["n"] for row in found}
        assert set(load.acknowledged.values()) <= set(there)
        assert len(set(load.acknowledged.values())) == len(load.acknowledged)
        assert set(there.values()) == {1}
        assert await count(database, BRAND, "Profile") <= 40
        await check_laws(database, BRAND)


def address_of(home: Path) -> Neo4jAddress:
    return Neo4jAddress.local(record(home)["port"], (home / "neo4j" / "password").read_text().strip())


def record(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "neo4j" / "server.json").read_text())
    return found


async def until(service: Service, status: int, within_s: float = 60.0) -> float:
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=service.url, timeout=5, verify=NO_TLS) as client:
        while (await client.get("/readyz")).status_code != status:
            assert time.monotonic() - began < within_s, f"/readyz was not {status} within {within_s} s"
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_neo4j_is_killed_under_load(service: Service, home: Path) -> None:
    before = record(home)
    async with under_load(service) as load:
        await load.more(MANY)
        killed = time.monotonic()
        os.kill(before["pid"], signal.SIGKILL)
        not_ready = await until(service, 503)
        async with httpx.AsyncClient(verify=NO_TLS) as client:
            assert (await client.get(f"{service.url}/healthz")).status_code == 200
        back = await until(service, 200)
        print(f"readyz_503_after_s {not_ready:.2f}")
        print(f"readyz_200_after_s {not_ready + back:.2f}")
        await load.more(MANY)
        first = min(began + took for began, status, took in load.answers if status == 200 and began > killed)
        print(f"first_acknowledged_after_s {first - killed:.2f}")
    after = record(home)
    assert after["port"] == before["port"]
    assert after["pid"] != before["pid"]
    assert not load.wrong
    assert load.hung_up == 0
    assert {status for _, status, _ in load.answers} == {200, 503}
    slowest = max(took for _, _, took in load.answers)
    print(f"slowest_answer_s {slowest:.2f}")
    assert slowest < ANSWER_WITHIN_S
    await check(home, load)


async def test_the_service_is_killed_under_load(service: Service, home: Path) -> None:
    neo4j = record(home)["pid"]
    async with under_load(service) as load:
        await load.more(MANY)
        service.kill()
        assert psutil.pid_exists(neo4j)
        await asyncio.sleep(0.3)
        service.start()
        took = await asyncio.to_thread(service.wait_ready)
        print(f"service_back_s {took:.2f}")
        await load.more(MANY)
    assert record(home)["pid"] == neo4j  # the orphan was adopted, not replaced
    assert load.hung_up
    assert not load.wrong
    await check(home, load)


async def test_neo4j_hangs_for_a_while(service: Service, home: Path) -> None:
    """Neither dead nor alive: connections stay open and nothing answers."""
    neo4j = record(home)["pid"]
    async with under_load(service) as load:
        await load.more(50)
        hold_still(neo4j)
        try:
            await until(service, 503)
            began = time.monotonic()
            brand = {"x-brand-id": BRAND}
            async with httpx.AsyncClient(base_url=service.url, timeout=20, headers=brand, verify=NO_TLS) as client:
                answers = await asyncio.gather(
                    client.post("/api/events", json={"type": "x", "identifiers": {"email": "c0@mail.org"}}),
                    client.get("/api/profiles"),
                    client.post("/api/merges", json={"profile_ids": ["a", "b"]}),
                )
            assert [answer.status_code for answer in answers] == [503] * 3
            assert time.monotonic() - began < ANSWER_WITHIN_S + 1  # three at once on a busy machine
        finally:
            os.kill(neo4j, signal.SIGCONT)
        print(f"ready_after_s {await until(service, 200):.2f}")
        await load.more(50)
    assert not load.wrong
    assert max(took for _, _, took in load.answers) < ANSWER_WITHIN_S
    await check(home, load)


@pytest.mark.parametrize("killed", ["service", "neo4j"])
async def test_an_erasure_is_cut_short(service: Service, home: Path, killed: str) -> None:
    """Nothing of it was done, or all; asked again it ends, and others are as they were."""
    brand, gone = f"erased-{uuid.uuid4().hex[:8]}", {"type": "email", "value": "gone@mail.org"}
    async with (
        httpx.AsyncClient(base_url=service.url, timeout=90, headers={"x-brand-id": brand}, verify=NO_TLS) as client,
        looking_at(address_of(home)) as database,
    ):
        for first in range(0, LONG, 500):
            bodies = [bought(number, "gone" if number % 10 else "stays") for number in range(first, first + 500)]
            (await client.post("/api/events", json=bodies)).raise_for_status()
        async with locked_event(database, brand, gone["value"]):
            erasing = asyncio.create_task(client.post("/api/erasures", json=gone))
            await until_it_runs(database, "Erases events")
            if killed == "service":
                service.kill()
            else:
                os.kill(record(home)["pid"], signal.SIGKILL)
        if killed == "service":
            service.start()
        try:
            assert (await erasing).status_code in {200, 503}
        except httpx.TransportError:
            assert killed == "service"
        await asyncio.to_thread(service.wait_ready)
        assert await asked_again(client, gone) == 200
        left = await ask(database, "MATCH (n) WHERE n.brand_id = $brand RETURN properties(n) AS node", brand=brand)
        assert not [row for row in left if "gone@" in json.dumps(row, default=str)]
        assert [await count(database, brand, label) for label in ("ErasedEvent", "Event", "Erasure")] == [
            LONG * 9 // 10,
            LONG // 10,
            1,
        ]
        await check_laws(database, brand, erased=True)


async def asked_again(client: httpx.AsyncClient, gone: dict[str, str], within_s: float = 60.0) -> int:
    """What an erasure is answered with once it is not 503 any more."""
    began = time.monotonic()
    while time.monotonic() - began < within_s:
        answer = await client.post("/api/erasures", json=gone)
        if answer.status_code != 503:
            return answer.status_code
        await asyncio.sleep(0.1)
    return 503


def bought(number: int, who: str) -> dict[str, object]:
    return {
        "type": "purchase",
        "identifiers": {"email": f"{who}@mail.org", "cookie": f"{who}-{number % 50}"},
        "properties": {"total": 10, "note": f"for {who}@mail.org"},
        "idempotency_key": str(number),
    }


@asynccontextmanager
async def locked_event(database: AsyncDriver, brand: str, email: str) -> AsyncIterator[None]:
    """Nobody else changes one of somebody's events meanwhile: their erasure is in the middle of it, however fast it is."""
    async with database.session() as session:
        held = await session.begin_transaction()
        try:
            found = await held.run(LOCKED, key=key(brand, "email", email))
            assert await found.single() is not None
            yield
        finally:
            held.cancel()  # also where Neo4j was killed


async def until_it_runs(database: AsyncDriver, step: str, within_s: float = 60.0) -> None:
    """Waits for a statement, by how its file begins."""
    began = time.monotonic()
    while not await ask(database, RUNS, step=step):
        assert time.monotonic() - began < within_s, f"{step!r} did not run within {within_s} s"


async def test_it_stops_quickly_under_load(service: Service, home: Path, engine_dir: Path) -> None:
    neo4j = record(home)["pid"]
    async with under_load(service) as load:
        await load.more(50)
        code, took = await asyncio.to_thread(service.stop)
        print(f"stopped_after_s {took:.2f}")
        load.over = True
    assert code == 0, service.said()
    assert took < 15
    # Its starter was killed, so that whoever inherited it must reap it.
    assert not psutil.pid_exists(neo4j) or psutil.Process(neo4j).status() == psutil.STATUS_ZOMBIE
    assert not load.wrong
    with EmbeddedNeo4j(home, engine_dir, heap=HEAP, pagecache=PAGECACHE):  # the store alone: no service need start to look
        await check(home, load)
