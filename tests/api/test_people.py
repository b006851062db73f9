"""People who are erased or absorbed at the very moment they are read."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.domain.errors import Unavailable
from app.graph.driver import Graph, Rows
from app.graph.history import find_review, list_reviews
from app.graph.people import find_profile, list_profiles, named, three_sixty
from app.graph.whole import READS
from app.privacy.export import export
from tests.api.brand import Brand

Read = Callable[[Graph, str, str], Awaitable[Any]]
READ: dict[str, Read] = {
    "one": lambda graph, brand_id, review_id: find_profile(graph, brand_id, "p1"),
    "all": lambda graph, brand_id, review_id: list_profiles(graph, brand_id, (), None, "", 10),
    "a 360": lambda graph, brand_id, review_id: three_sixty(graph, brand_id, "p1", 10),
    "a review": find_review,
    "the queue": lambda graph, brand_id, review_id: list_reviews(graph, brand_id, ["pending"], (2**53, ""), 10),
}


def people(row: dict[str, Any]) -> list[dict[str, Any]]:
    told = row.get("part", row)
    return told["review"]["profiles"] if "review" in told else [told["profile"]] if "profile" in told else []


@pytest.mark.parametrize("what", READ)
async def test_who_was_read_in_the_middle_of_a_commit_is_read_again(
    graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Neo4j finds them by their key and then shows the properties of a stone."""
    await brand.bring(profile_id="p1", identifiers={"email": "ann@x.org", "loyalty_id": "L1"}, lifetime_value=5)
    await brand.bring(profile_id="p2", identifiers={"phone": "+447700900123", "loyalty_id": "L2"}, lifetime_value=5)
    await brand.see(email="ann@x.org", phone="+447700900123")
    (review,) = await brand.data("/api/merge-queue")
    asked = (graph, brand.brand_id, review["review_id"])
    as_it_is, read, half_read = await READ[what](*asked), Graph.read, 1

    async def halfway(self: Graph, name: str, **asked: object) -> Rows:
        nonlocal half_read
        found, half_read = await read(self, name, **asked), half_read - 1
        for person in (one for row in found for one in people(row) if half_read >= 0):
            person.update({**dict.fromkeys(person.keys() - {"profile_id"}), "held": []})
        return found

    monkeypatch.setattr(Graph, "read", halfway)
    assert await READ[what](*asked) == as_it_is
    half_read = READS
    with pytest.raises(Unavailable):
        await READ[what](*asked)


async def test_who_is_nobody_at_this_moment_has_no_name(graph: Graph, brand: Brand) -> None:
    await brand.bring(profile_id="p1", identifiers={"email": "ann@x.org"})
    assert set(await named(graph, brand.brand_id, ["p1"])) == {"p1"}
    await brand.cypher("MATCH (p:Profile {key: $brand + '|p1'}) REMOVE p.attributes")
    assert await named(graph, brand.brand_id, ["p1"]) == {}


@pytest.mark.parametrize("fewer", ["lifetime_value_minor", "total_orders", "events_total", "clock"])
async def test_figures_and_lists_of_a_person_are_of_one_moment(
    graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch, fewer: str
) -> None:
    """Law: what a 360 sums up is what it lists, also while its person buys: seen in one read of ten under steady writes."""
    bought = await brand.see(did="purchase", properties={"total": 5, "order_id": "1"}, email="ann@x.org")
    asked = (graph, brand.brand_id, bought["profile_id"], 10)
    as_it_is, read, torn = await three_sixty(*asked), Graph.read, READS - 1

    async def before_it_bought(self: Graph, name: str, **asked: object) -> Rows:
        nonlocal torn
        found, torn = await read(self, name, **asked), torn - 1
        for person in (one for row in found for one in people(row) if torn >= 0):
            person[fewer] -= 1
        return found

    monkeypatch.setattr(Graph, "read", before_it_bought)
    assert await three_sixty(*asked) == as_it_is
    torn = READS * 2  # who never stops is shown all the same
    assert (await three_sixty(*asked) or {}).keys() == (as_it_is or {}).keys()
    assert torn == READS


async def test_an_export_has_each_event_as_its_sender_wrote_it(
    graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that is stored between the two reads of an export was there without its text."""
    seen = await brand.see(email="ann@x.org")
    read, early = Graph.read, 1

    async def before_it_came(self: Graph, name: str, **asked: object) -> Rows:
        nonlocal early
        found = await read(self, name, **asked)
        if name == "privacy/export" and early > 0:
            early -= 1
            return [{**row, "raw": []} for row in found]
        return found

    monkeypatch.setattr(Graph, "read", before_it_came)
    exported = await export(graph, brand.brand_id, seen["profile_id"]) or {}
    assert [event["raw"] is not None for event in exported["events"]] == [True]
    early = READS
    with pytest.raises(Unavailable):
        await export(graph, brand.brand_id, seen["profile_id"])
