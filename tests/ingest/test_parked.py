"""A hub that joined more than one delivery can resolve anew: nothing is resolved in part, and nothing is lost."""

import pytest

from app.domain.errors import RegionTooLarge
from app.domain.rules import Rules
from app.graph import region
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest.parked import release
from app.ingest.transaction import Brand
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


async def test_what_even_a_job_cannot_resolve_stays_parked(
    shop: Shop, graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowded(shop, monkeypatch)
    with pytest.raises(RegionTooLarge, match="more than 12 events"):
        await release(graph, brand, most=12)
    assert len(await shop.ask("MATCH (e:Parked {brand_id: $brand}) RETURN e")) == 2
    assert await release(graph, brand) == 2


async def test_a_job_nobody_waits_for_and_one_that_is_none(shop: Shop) -> None:
    assert (await shop.send("/api/jobs/maintenance/run?wait=false", {})).status_code == 202
    assert (await shop.send("/api/jobs/dishes/run", {})).status_code == 404
