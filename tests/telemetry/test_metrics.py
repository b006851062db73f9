"""GET /metrics over the real service: what is counted, and which labels there are."""

import logging
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from app.domain.plan import Answer, Outcome
from app.graph.driver import Graph
from app.graph.embedded.process import free_port
from app.main import create_app
from app.settings import Settings
from app.telemetry.metrics import Metrics
from app.telemetry.requests import request_ids
from tests.conftest import new_brand
from tests.resolve.world import event

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest_asyncio.fixture
async def fresh(graph: Graph) -> AsyncIterator[httpx.AsyncClient]:
    """An app of its own, so that its counters start at nothing."""
    transport = httpx.ASGITransport(create_app(graph, Settings(request_deadline_s=60)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel", timeout=60) as opened:
        yield opened


def order(key: str, source: str | None = None) -> dict[str, object]:
    named = {} if source is None else {"source": source}
    return {"type": "purchase", "identifiers": {"email": f"{key}@mail.org"}, "idempotency_key": key, **named}


async def samples(client: httpx.AsyncClient) -> Samples:
    answer = await client.get("/metrics")  # without a brand
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"constintel_{name}", frozenset(labels.items())]


async def test_what_happened_is_counted(fresh: httpx.AsyncClient) -> None:
    brand = {"x-brand-id": new_brand()}
    for body in (order("a"), order("a"), order("b", "my-own-shop"), order("c", "shopify")):
        assert (await fresh.post("/api/events", json=body, headers=brand)).status_code == 200
    assert (await fresh.post("/api/events", json={"no": "event"}, headers=brand)).status_code == 422
    assert (await fresh.get("/api/profiles/nobody", headers=brand)).status_code == 404
    assert (await fresh.get("/api/streams/events.raw", headers=brand)).status_code == 200
    await fresh.post("/api/events", json=order("d"), headers=brand)
    found = await samples(fresh)
    assert value(found, "events_total", outcome="created", source="canonical") == 2
    assert value(found, "events_total", outcome="duplicate", source="canonical") == 1
    assert value(found, "events_total", outcome="created", source="other") == 1
    assert value(found, "events_total", outcome="created", source="shopify") == 1
    assert value(found, "batch_events_count") == 5
    assert value(found, "transaction_seconds_count", result="stored") == 5
    assert value(found, "refusals_total", status="422") == 1
    assert value(found, "refusals_total", status="404") == 1
    assert value(found, "request_seconds_count", method="POST", route="/api/events") == 6
    assert value(found, "request_seconds_count", method="GET", route="/api/profiles/{profile_id}") == 1
    assert value(found, "neo4j_up") == 1
    assert value(found, "waiting_deliveries") == 0
    assert value(found, "stream_lag_rows") >= 1  # the last order, in a stream that was read
    assert any(name == "constintel_build_info" for name, _ in found)


async def test_no_label_is_a_brand_a_person_or_a_path(fresh: httpx.AsyncClient) -> None:
    brand, profile = new_brand(), "prof-4711"
    await fresh.post(f"/api/integrations/track/webhook/{brand}", json={"event": "odd name", "email": "ann@mail.org"})
    await fresh.get(f"/api/profiles/{profile}/360", headers={"x-brand-id": brand})
    await fresh.get(f"/nowhere/{brand}")
    await fresh.request("BREW", f"/{brand}")
    answer = await fresh.get("/metrics")
    for secret in (brand, profile, "ann@mail.org", "odd name", "nowhere", "BREW"):
        assert secret not in answer.text
    assert 'route="unmatched"' in answer.text


# Told to stop in the middle of connecting, the driver (6.4) leaves its socket to Python, which closes it with a warning.
@pytest.mark.filterwarnings("ignore:unclosed <socket.socket.*laddr:ResourceWarning")
async def test_neo4j_that_is_away_is_told_and_the_rest_is_there() -> None:
    away = Graph.connect(f"bolt://127.0.0.1:{free_port()}", "neo4j", "none")
    transport = httpx.ASGITransport(create_app(away, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel") as client:
        found = await samples(client)
    await away.close()
    assert value(found, "neo4j_up") == 0


async def test_the_request_id_goes_through(fresh: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "constintel.requests"):
        taken = await fresh.post("/api/events", json=order("a"), headers={"x-brand-id": new_brand(), "x-request-id": "mine-1"})
        refused = await fresh.get("/api/profiles/nobody", headers={"x-brand-id": new_brand(), "x-request-id": "not clean"})
    assert taken.headers["x-request-id"] == "mine-1"
    assert refused.headers["x-request-id"] not in {"", "not clean"}
    (line,) = [record for record in caplog.records if record.name == "constintel.requests"]  # none for the one that was taken
    assert (line.levelname, line.status, line.route) == ("INFO", 404, "/api/profiles/{profile_id}")  # type: ignore[attr-defined]


async def test_what_breaks_is_answered_and_logged_with_its_request(
    fresh: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    named: list[tuple[str, ...]] = []
    monkeypatch.setattr(logging.getLogger("constintel.requests"), "error", lambda *_, **__: named.append(request_ids.get()))
    monkeypatch.setattr(Graph, "read", broken)
    answer = await fresh.get("/api/merges", headers={"x-brand-id": new_brand(), "x-request-id": "mine-2"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "mine-2"
    assert "oh" not in answer.text
    assert named == [("mine-2",)]


def test_the_hot_path_pays_microseconds() -> None:
    """Of a batch of a hundred about 10 us, of a request about 2: the bound is what a busy machine may make of that."""
    metrics = Metrics(["canonical"], "0")
    evidence = [event(n, f"m{n}") for n in range(100)]
    answers = [Answer("e", "purchase", Outcome.CREATED)] * 100
    began = time.perf_counter()
    for _ in range(200):
        metrics.stored(evidence, answers, 0.02)
        metrics.answered("POST", "/api/events", 200, 0.02)
    assert (time.perf_counter() - began) / 200 < 0.001


def test_figures_for_people_are_the_same_counts() -> None:
    metrics, other = Metrics(["shopify"], "1"), Metrics([], "1")
    answers = [Answer("e", "purchase", outcome) for outcome in (Outcome.CREATED, Outcome.CREATED, Outcome.DUPLICATE)]
    metrics.stored([event(number, f"m{number}") for number in range(3)], answers, 0.25)
    metrics.stored([event(4, "m4")], answers[:1], 0.5)
    metrics.failed(TimeoutError(), 9)
    metrics.answered("GET", "/api/profiles", 404, 0.1)
    metrics.watch_waiting(lambda: 7)
    seen = metrics.figures()
    assert (dict(seen.outcomes), seen.events) == ({"created": 3, "duplicate": 1}, 4)
    assert (seen.transactions, seen.stored_s, seen.refusals, seen.waiting) == (2, 0.75, 1, 7)
    assert (other.figures().events, other.figures().process != seen.process) == (0, True)
