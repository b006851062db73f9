"""Features are those of what is known: whatever happened since, a run that builds only what changed gives what one from
scratch gives, and orders, money and visits are counted by the same clock."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from neo4j import AsyncDriver

from app.domain.errors import QueryTooExpensive
from app.graph.driver import Graph
from app.graph.queries import query
from app.learn import feature_job
from app.learn.features import FADES
from tests.api.brand import Brand
from tests.graph.test_plans import operators

AT = "2024-03-01T00:00:00Z"
PASSING = {"as_of", "built_at"}


async def run(brand: Brand, as_of: str = AT) -> Any:
    return (await brand.post("/api/jobs/features/run", {"as_of": as_of}))["data"]


async def stored(brand: Brand) -> dict[str, dict[str, Any]]:
    found = await brand.cypher("MATCH (f:FeatureSet {brand_id: $brand}) RETURN properties(f) AS f")
    return {row["f"]["profile_id"]: {name: of for name, of in row["f"].items() if name not in PASSING} for row in found}


async def both(brand: Brand) -> dict[str, dict[str, Any]]:
    """What a run builds beside what stands; it must be what a run from scratch gives."""
    await run(brand)
    kept = await stored(brand)
    await brand.cypher("MATCH (f:FeatureSet {brand_id: $brand}) DETACH DELETE f")
    await run(brand)
    assert kept == await stored(brand)
    return kept


async def order(brand: Brand, number: int, at: str, amount: str = "10.00") -> str:
    body = {"id": number, "email": "emma@x.org", "total_spent": amount, "items": [], "created_at": at}
    (told,) = await brand.shopify(body)
    return str(told["profile_id"])


async def test_a_clock_is_read_before_what_it_stands_for(driver: AsyncDriver) -> None:
    """Reads see each commit at once. With a clock read last, an event committed in between would never be built in."""
    async with driver.session() as session:
        parameters = {"asked": None}
        summary = await (await session.run("EXPLAIN " + query("learn/neighbourhoods"), parameters)).consume()
    assert summary.plan is not None
    readers = [one for one in operators(summary.plan) if "p.clock" in str(one["args"].get("Details", ""))]
    assert readers
    assert not [one for reader in readers for one in operators(reader) if one["operatorType"].startswith("Expand")]


async def test_a_visit_counts_when_it_happened_as_everything_does(brand: Brand) -> None:
    """Its check-in is what a source says of it, and may be another time than that of its event."""
    visit = {"store_id": "S", "email": "emma@x.org", "check_in_at": "2024-01-20T11:00:00Z"}
    (told,) = (await brand.post("/api/integrations/pos", visit))["data"]["events"]
    await brand.cypher("MATCH (v:StoreVisit {brand_id: $brand}) SET v.check_in_at = datetime('2024-01-17T11:00:00Z')")
    for at, visits in (("2024-01-18T00:00:00Z", 0), ("2024-01-21T00:00:00Z", 1)):
        await run(brand, at)
        features = (await stored(brand))[told["profile_id"]]
        assert (features["visits"], features["activities"]) == (visits, visits)


async def test_money_and_gaps_are_of_all_orders_however_many_are_looked_at(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_job, "MOST_ORDERS", 2)
    for number, day in enumerate(("2024-01-01", "2024-01-02", "2024-01-05", "2024-02-20")):
        emma = await order(brand, number, f"{day}T10:00:00Z")
    await run(brand, "2024-02-01T00:00:00Z")
    features = (await stored(brand))[emma]
    assert (features["orders"], features["spend_minor"]) == (3, 3000)
    assert (features["gap_squares"], features["mean_gap_days"]) == (1 + 3**2, 2.0)
    faded = [1 + math.exp(-3 / days) + math.exp(-4 / days) for days in FADES]
    assert features["order_pulses"] == pytest.approx(faded)
    assert features["money_pulses"] == pytest.approx([1000 * one for one in faded])


async def test_who_holds_the_same_identifier_is_counted_when_they_come_and_go(brand: Brand) -> None:
    """An import moves nobody's clock but its own, nor does a merge of two others."""
    emma = (await brand.see(email="emma@x.org"))["profile_id"]
    await run(brand)
    for other in ("a", "b"):
        await brand.bring(profile_id=other, identifiers={"email": "emma@x.org", "phone": "+15550188", "loyalty_id": f"L-{other}"})
    assert (await both(brand))[emma]["component_size"] == 3
    await brand.post("/api/merges", {"profile_ids": ["a", "b"]})
    assert (await both(brand))[emma]["component_size"] == 2
    assert (await run(brand))["built"] == 0


async def test_what_others_do_with_a_shared_identifier_changes_nobody_else(brand: Brand) -> None:
    """A kiosk's cookie: it becomes shared, which moves everybody it joined; from then on each has only what was theirs."""
    people = [(await brand.see(email=f"p{n}@x.org", cookie="kiosk"))["profile_id"] for n in range(3)]
    await run(brand)
    for n in range(3, 9):
        await brand.see(email=f"p{n}@x.org", cookie="kiosk")
    at = (datetime.now(UTC) + timedelta(minutes=4)).isoformat()  # one clock for all that follows; jobs take five minutes
    await run(brand, at)
    first = await brand.see(email="p0@x.org", cookie="kiosk")
    assert first["profile_id"] in people
    told = await run(brand, at)
    kept = await stored(brand)
    assert told["built"] == 1
    assert (kept[first["profile_id"]]["shared_identifiers"], kept[first["profile_id"]]["shared_degree"]) == (1, 2)
    await brand.cypher("MATCH (f:FeatureSet {brand_id: $brand}) DETACH DELETE f")
    await run(brand, at)
    assert kept == await stored(brand)


async def test_who_is_too_much_is_set_aside_and_named_and_the_others_go_on(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [(await brand.see(email=f"p{n}@x.org"))["profile_id"] for n in range(4)]
    heavy, build = people[2], feature_job._build

    async def refusing(graph: Graph, brand_id: str, profile_ids: Sequence[str], as_of: int) -> int:
        if heavy in profile_ids:
            raise QueryTooExpensive("this needs more memory than one transaction of the graph may take")
        return await build(graph, brand_id, profile_ids, as_of)

    monkeypatch.setattr(feature_job, "_build", refusing)
    told = await run(brand)
    assert (told["seen"], told["built"], told["set_aside"]) == (4, 3, 1)
    assert told["set_aside_first"][0]["profile_id"] == heavy
    assert "more memory" in told["set_aside_first"][0]["reason"]
    assert (await stored(brand)).keys() == set(people) - {heavy}
    monkeypatch.undo()
    assert (await run(brand))["built"] == 1
