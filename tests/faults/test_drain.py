"""SIGTERM under load: what was answered 200 is stored, what comes later is refused, and the process ends by itself."""

import asyncio
import json
import signal
import threading
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest_asyncio
from neo4j import AsyncDriver, AsyncGraphDatabase

from app.graph.embedded import Neo4jAddress
from tests.conftest import new_brand
from tests.processes import NO_TLS, Service, environment


class Senders:
    """Clients that each send one event after the other until told to stop; they keep what was answered 200."""

    def __init__(self, url: str, brand: str, count: int) -> None:
        self.acknowledged: list[str] = []
        self.after_signal: set[int | str] = set()
        self.signalled = False
        self._stop = False
        self._url, self._brand = url, brand
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int, within_s: float = 30.0) -> None:
        deadline = time.monotonic() + within_s
        while len(self.acknowledged) < count and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop(self) -> None:
        self._stop = True
        for thread in self._threads:
            thread.join()

    def _send(self, sender: int) -> None:
        with httpx.Client(base_url=self._url, timeout=30, verify=NO_TLS) as client:
            number = 0
            while not self._stop:
                number += 1
                key = f"{sender}-{number}"
                body = {"type": "page_view", "identifiers": {"email": f"{key}@mail.org"}, "idempotency_key": key}
                try:
                    answer = client.post("/api/events", json=body, headers={"x-brand-id": self._brand})
                except httpx.TransportError as error:
                    if self.signalled:
                        self.after_signal.add(type(error).__name__)
                    time.sleep(0.02)
                    continue
                if answer.status_code == 200:
                    self.acknowledged.append(answer.json()["data"]["events"][0]["event_id"])
                elif self.signalled:
                    self.after_signal.add(answer.status_code)


@pytest_asyncio.fixture
async def looking(neo4j_address: Neo4jAddress) -> AsyncIterator[AsyncDriver]:
    auth = (neo4j_address.username, neo4j_address.password)
    async with AsyncGraphDatabase.driver(neo4j_address.uri, auth=auth, notifications_min_severity="OFF") as opened:
        yield opened


async def test_what_was_answered_is_stored_and_it_ends_in_time(
    neo4j_address: Neo4jAddress, looking: AsyncDriver, tmp_path: Path
) -> None:
    service = Service(tmp_path / "service.log", environment(neo4j_address, CONSTINTEL_REQUEST_DEADLINE_S="8"))
    service.start()
    service.wait_ready()
    brand = new_brand()
    senders = Senders(service.url, brand, 12)
    senders.start()
    try:
        await asyncio.to_thread(senders.wait_for, 30)
        senders.signalled = True
        code, took = service.stop(30)
    finally:
        await asyncio.sleep(0.2)
        senders.stop()
    assert code == 0, service.said()
    assert took < 15
    assert "Traceback" not in service.said()
    assert senders.after_signal, "nobody asked after the signal"
    assert senders.after_signal <= {503, "ConnectError", "ReadError", "RemoteProtocolError", "WriteError"}
    found = await looking.execute_query("MATCH (e:Event {brand_id: $brand}) RETURN e.event_id AS id", {"brand": brand})
    stored = [record["id"] for record in found.records]
    assert len(senders.acknowledged) >= 30
    assert set(senders.acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))


def test_not_ready_comes_first_while_it_still_serves(neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    service = Service(log, environment(neo4j_address, CONSTINTEL_DRAIN_S="3"))
    service.start()
    service.wait_ready()
    service.process.send_signal(signal.SIGTERM)
    get = partial(httpx.get, timeout=5, verify=NO_TLS)  # each over a connection of its own: new ones are still taken
    for _ in range(100):
        ready = get(f"{service.url}/readyz")
        if ready.status_code == 503:
            break
        time.sleep(0.01)
    assert ready.status_code == 503
    assert "stopping" in ready.json()["detail"]
    assert get(f"{service.url}/healthz").status_code == 200
    assert get(f"{service.url}/api/profiles", headers={"x-brand-id": "b"}).status_code == 200
    assert service.process.wait(30) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]  # it is no terminal, so every line is JSON
    assert any("answers on" in line["message"] for line in lines)
    assert any(line.get("route") == "/readyz" and line["level"] == "warning" for line in lines)
