"""A hub that joined more than one delivery can resolve anew: nothing is resolved in part, and nothing is lost."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
import pytest

from app.domain.errors import Conflict, RegionTooLarge
from app.domain.events import Event
from app.domain.plan import Answer
from app.domain.rules import Rules
from app.graph import region
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest import parked
from app.ingest.batcher import Batcher
from app.ingest.parked import release
from app.ingest.transaction import Brand, Evidence, ingest
from app.sources.base import Defaults, Delivery
from app.sources.canonical import parse
from tests.ingest.conftest import Shop


def seen(number: int, **identifiers: str) -> dict[str, object]:
    return {"type": "purchase", "identifiers": identifiers, "properties": {"total": 1}, "idempotency_key": str(number)}


@pytest.fixture
def brand(brand_id: str) -> Brand:
    return Brand(brand_id, "USD", RuleBook(Rules()))


async def crowded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five people at a kiosk, then more evidence than fits; the outcomes of what comes next."""
    monkeypatch.setattr(region.read_region, "__defaults__", ((), 10, None))
    for number in range(5):
        await shop.event(seen(number, cookie="kiosk", email=f"p{number}@x.org"))
    for number in range(5, 15):
        await shop.event(seen(number, cookie="kiosk"))
    return [(await shop.event(seen(number, cookie="kiosk", email=f"p{number}@x.org")))["outcome"] for number in (15, 16)]


async def test_an_event_whose_region_is_too_large_is_parked_and_released(
    shop: Shop, graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await crowded(shop, monkeypatch) == ["parked", "parked"]
    assert len(await shop.people()) == 1
    assert (await shop.event(seen(15, cookie="kiosk", email="p15@x.org")))["outcome"] == "duplicate"
    assert (await shop.event(seen(17, email="p2@x.org")))["outcome"] == "attached", "others go on as before"
    done = {"job": "maintenance", "released": 2, "expired": 0}
    assert (await shop.send("/api/jobs/maintenance/run", {})).json() == {"data": done}
    assert len(await shop.people()) == 7
    assert await shop.ask("MATCH (e:Parked {brand_id: $brand}) RETURN e") == []
    [row] = await shop.ask("MATCH (e:Event {brand_id: $brand})-[:ATTACHED_TO]->(p:Profile) RETURN count(e) AS events")
    assert row["events"] == 8
    [sums] = await shop.ask("MATCH (p:Profile {brand_id: $brand}) RETURN sum(p.lifetime_value_minor) AS held")
    assert sums["held"] == 800
    assert await release(graph, brand) == 0


async def test_who_waits_in_a_parked_event_alone_is_erased_with_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds the address yet. What else came with it, and nobody else was seen with, goes too."""
    await crowded(shop, monkeypatch)
    assert (await shop.event(seen(17, cookie="kiosk", email="p17@x.org", loyalty_id="L17")))["outcome"] == "parked"
    asked = {"type": "email", "value": "p17@x.org"}
    would = (await shop.send("/api/erasures", {**asked, "dry_run": True})).json()["data"]
    done = (await shop.send("/api/erasures", asked)).json()["data"]
    assert would["events"] == done["events"] == 1
    assert done["profile_ids"] == []
    named = "MATCH (n {brand_id: $brand}) WHERE n.value IN ['p17@x.org', 'L17'] OR n.raw CONTAINS 'p17' RETURN n"
    assert await shop.ask(named) == []
    assert (await shop.send("/api/erasures", asked)).json()["data"]["erasure_id"] is None
    assert (await shop.send("/api/jobs/maintenance/run", {})).json()["data"]["released"] == 2
    assert len(await shop.people()) == 7


@pytest.mark.parametrize("held", [False, True])
async def test_a_parked_event_that_is_erased_while_it_is_released_brings_nobody_back(
    shop: Shop, graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    """It was read before. Also when it is somebody else's too, and stays without what is erased."""
    await crowded(shop, monkeypatch)
    names = {"email": "p17@x.org", **({"loyalty_id": "L18"} if held else {})}
    if held:
        await shop.event(seen(18, loyalty_id="L18"))
    await shop.event(seen(17, cookie="kiosk", **names))
    read = parked._parked

    async def reads_and_waits(graph: Graph, brand_id: str) -> tuple[Event, ...]:
        events = await read(graph, brand_id)
        monkeypatch.setattr(parked, "_parked", read)
        await shop.send("/api/erasures", {"type": "email", "value": "p17@x.org"})
        return events

    monkeypatch.setattr(parked, "_parked", reads_and_waits)
    await release(graph, brand)
    assert await shop.ask("MATCH (i:Identifier {brand_id: $brand, value: 'p17@x.org'}) RETURN i") == []
    assert await shop.ask("MATCH (e:Parked {brand_id: $brand}) RETURN e") == []


async def test_what_even_a_job_cannot_resolve_stays_parked(
    shop: Shop, graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowded(shop, monkeypatch)
    with pytest.raises(RegionTooLarge, match="more than 12 events"):
        await release(graph, brand, most=12)
    assert len(await shop.ask("MATCH (e:Parked {brand_id: $brand}) RETURN e")) == 2
    assert await release(graph, brand) == 2


async def test_nothing_is_parked_for_what_came_beside_it(
    shop: Shop, graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new person makes a small kiosk shared; in the same transaction somebody orders for the twelfth time."""
    monkeypatch.setattr(region.read_region, "__defaults__", ((), 10, None))
    for number in range(11):
        await shop.event(seen(number, email="regular@x.org"))
    for number in range(11, 16):
        await shop.event(seen(number, cookie="small", email=f"p{number}@x.org"))

    async def process(brand_id: str, evidence: Sequence[Evidence]) -> list[Answer | Conflict]:
        return await ingest(graph, brand, evidence)

    batcher = Batcher(process, max_events=10, max_wait_s=0.05, deadline_s=20)
    both = [event_of(brand.brand_id, 16, cookie="small", email="p16@x.org"), event_of(brand.brand_id, 17, email="regular@x.org")]
    answers = await asyncio.gather(*(batcher.submit(brand.brand_id, [one]) for one in both))
    assert [one.outcome for (one,) in answers] == ["created", "attached"]
    await batcher.close()
    await shop.check_laws()


def event_of(brand_id: str, number: int, **identifiers: str) -> Event:
    body = orjson.dumps(seen(number, **identifiers))
    delivery = Delivery(brand_id, {}, body, datetime.now(UTC), request_id=str(number))
    (event,) = parse(delivery, Defaults()).events
    return event


async def test_a_job_nobody_waits_for_and_one_that_is_none(shop: Shop) -> None:
    assert (await shop.send("/api/jobs/maintenance/run?wait=false", {})).status_code == 202
    assert (await shop.send("/api/jobs/dishes/run", {})).status_code == 404
