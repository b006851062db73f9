"""What writes of a person while they are erased, and an erasure whose answer is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import pytest

from app.domain.errors import NotFound
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.graph import component
from app.graph.deciding import decider
from app.graph.driver import Graph, rows
from app.graph.failures import CommitUnknown
from app.graph.region import read_region
from app.graph.rows import key
from app.graph.rulebook import RuleBook
from app.ingest.transaction import Brand, ingest
from app.privacy import erasure
from app.privacy.erasure import erase
from app.review.decide import request_merge
from app.review.declare import declare_identifier
from app.review.undo import undo_merge
from tests.resolve.world import event, ids

FORGET = (
    "MATCH (p:ProfileId {key: $key}) OPTIONAL MATCH (p)-[:HAS_FEATURES|HAS_PREDICTION|HAS_JOURNEY]->(n) DETACH DELETE n "
    "SET p:Tombstone REMOVE p:Profile"
)

HUB = Rules(max_auto_merge=5, limits={}, fan_out={"device": 1})
SEEN = ("l1 m1", "l2 p2 m2", "l2 m1")  # the last is l2's, and a review waits


async def test_scores_that_are_written_meanwhile_do_not_stay(graph: Graph, brand_id: str) -> None:
    """The job had read the person before; it waits for their lock, and finds nobody."""
    (told,) = await ingest(graph, Brand(brand_id, "USD", RuleBook(Rules())), [event(1, "m1", brand=brand_id)])
    person = key(brand_id, told.profile_id)
    gone, go_on = asyncio.Event(), asyncio.Event()

    async def forgets(tx: Any) -> None:
        await tx.run("MATCH (p:ProfileId {key: $key}) REMOVE p.lock SET p:Tombstone REMOVE p:Profile", key=person)
        gone.set()
        await go_on.wait()

    async def learns(tx: Any) -> None:
        said = {"key": person, "brand_id": brand_id, "profile_id": told.profile_id}
        times = {
            name: [] for name in ("as_of", "built_at", "first_order_at", "previous_order_at", "last_order_at", "last_activity_at")
        }
        await rows(tx, "learn/features_write", {"plan": {"rows": [{"set": said, "times": times}]}})
        row = {"key": person, "prediction": said, "journey": said}
        await rows(tx, "learn/predictions_write", {"plan": {"as_of": 1, "scored_at": 1, "keep": 30, "rows": [row]}})

    first = asyncio.create_task(graph.write(forgets))
    await gone.wait()
    second = asyncio.create_task(graph.write(learns))
    await asyncio.wait([second], timeout=0.5)
    go_on.set()
    await asyncio.gather(first, second)

    async def learnt(tx: Any) -> int:
        found = await tx.run("MATCH (n:FeatureSet|Prediction|CustomerJourney {key: $key}) RETURN count(n) AS n", key=person)
        return int((await found.single())["n"])

    assert await graph.look(learnt) == 0


async def test_an_erasure_whose_answer_is_lost_says_what_it_did(
    graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again it would say that there is nobody, as if nothing had been done; and what it looks for it makes anew."""
    rules = RuleBook(Rules())
    (told,) = await ingest(graph, Brand(brand_id, "USD", rules), [event(1, "m1", brand=brand_id)])
    write, lost = Graph.write, []

    async def loses(self: Graph, work: Any, patience_s: float | None = None) -> Any:
        done = await write(self, work, patience_s)
        if not lost:
            lost.append(done)
            raise CommitUnknown("lost")
        return done

    monkeypatch.setattr(Graph, "write", loses)
    done = await erase(graph, decider(rules, "USD")(brand_id, None), ids("m1"))
    assert lost == [done]
    assert done.profile_ids == (told.profile_id,)
    assert await seen(graph, brand_id) == []


@pytest.mark.parametrize(("step", "who"), [("look_ahead", "l2"), ("survivors", "l1")])
async def test_who_decides_while_somebody_is_erased_makes_nothing_of_theirs_anew(
    graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch, step: str, who: str
) -> None:
    """A decision looks at what people hold and then locks it, which makes what is gone. About somebody whose event carried an
    address of the erased; and about the erased."""
    rules = RuleBook(Rules())
    told = await ingest(graph, Brand(brand_id, "USD", rules), [event(n, names, brand=brand_id) for n, names in enumerate(SEEN)])
    about = {"l1": told[0].profile_id, "l2": told[1].profile_id}[who]
    looks, done = getattr(component, step), []

    async def looks_and_waits(*asked: Any) -> Any:
        seen = await looks(*asked)
        if not done:
            done.append(True)
            await erase(graph, decider(rules, "USD")(brand_id, None), ids("l1"))
        return seen

    monkeypatch.setattr(component, step, looks_and_waits)
    with pytest.raises(NotFound) if who == "l1" else nullcontext():
        await graph.write(lambda tx: component.whole_component(tx, brand_id, [about]))
    assert await seen(graph, brand_id) == sorted(one.value for one in ids("l2 p2 m2"))


async def test_who_is_parted_by_a_crossing_while_they_are_looked_for_is_erased_whole(
    graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """m1 was one person with p0, by a device; when the locks are there, the device is shared and each is somebody."""
    rules = RuleBook(HUB)
    events = [event(n, names, brand=brand_id) for n, names in enumerate(["p0 d0", "m1 d0"])]
    await ingest(graph, Brand(brand_id, "USD", rules), events)
    monkeypatch.setattr(component, "look_ahead", and_then(component.look_ahead, crossing(graph, brand_id, rules)))
    done = await erase(graph, decider(rules, "USD")(brand_id, None), ids("m1"))
    assert done.events == 1
    assert await held(graph, brand_id) == [("m2", 1), ("p0", 1)]


async def test_who_is_parted_by_a_crossing_while_somebody_decides_keeps_what_they_hold(
    graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = RuleBook(HUB)
    events = [event(n, names, brand=brand_id) for n, names in enumerate(["p0 d0", "m1 d0", "l5"])]
    told = await ingest(graph, Brand(brand_id, "USD", rules), events)
    deciding = decider(rules, "USD")
    made = await request_merge(graph, deciding(brand_id, None), [told[0].profile_id, told[2].profile_id])
    monkeypatch.setattr(component, "look_ahead", and_then(component.look_ahead, crossing(graph, brand_id, rules)))
    await undo_merge(graph, deciding(brand_id, None), made.merge_id)
    assert await held(graph, brand_id) == [("l5", 1), ("m1", 1), ("m2", 1), ("p0", 1)]


@pytest.mark.parametrize("how", ["component", "declare", "rebuild"])
async def test_what_is_locked_again_as_a_region_grows_is_not_made_anew(
    graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Between the look and the lock l1 is erased, and l2 is seen with something more."""
    rules = RuleBook(Rules())
    brand = Brand(brand_id, "USD", rules)
    told = await ingest(graph, brand, [event(n, names, brand=brand_id) for n, names in enumerate(SEEN)])

    async def meanwhile() -> None:
        await erase(graph, decider(rules, "USD")(brand_id, None), ids("l1"))
        await ingest(graph, brand, [event(9, "l2 c7", brand=brand_id)])

    if how == "component":
        monkeypatch.setattr(component, "look_ahead", and_then(component.look_ahead, meanwhile))
        await graph.write(lambda tx: component.whole_component(tx, brand_id, [told[1].profile_id]))
    elif how == "declare":
        monkeypatch.setattr(component, "look_ahead", and_then(component.look_ahead, meanwhile))
        (l2,) = ids("l2")
        await declare_identifier(graph, decider(rules, "USD")(brand_id, None), l2, Standing.SHARED)
    else:
        monkeypatch.setattr(component, "held_by", and_then(component.held_by, meanwhile))

        async def page(tx: Any) -> None:
            near = await component.with_all_they_hold(tx, brand_id, [told[1].profile_id], ids("l1 m1"))
            await read_region(tx, near, near.identifiers)

        await graph.write(page)
    assert await seen(graph, brand_id) == sorted(one.value for one in ids("l2 p2 m2 c7"))


async def test_who_comes_while_nobody_is_found_is_erased_and_the_rest_is_not_made(
    graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = RuleBook(Rules())

    async def comes() -> None:
        await ingest(graph, Brand(brand_id, "USD", rules), [event(1, "m1", brand=brand_id)])

    monkeypatch.setattr(erasure, "_meant", and_then(erasure._meant, comes))
    done = await erase(graph, decider(rules, "USD")(brand_id, None), ids("m1 p1"))
    assert done.events == 1
    assert await seen(graph, brand_id) == []


def and_then(does: Callable[..., Awaitable[Any]], something: Callable[[], Awaitable[object]]) -> Callable[..., Awaitable[Any]]:
    """Something that happens once, between this step and the next."""
    left = [something]

    async def both(*asked: Any) -> Any:
        done = await does(*asked)
        while left:
            await left.pop()()
        return done

    return both


def crossing(graph: Graph, brand_id: str, rules: RuleBook) -> Callable[[], Awaitable[object]]:
    return lambda: ingest(graph, Brand(brand_id, "USD", rules), [event(9, "m2 d0", brand=brand_id)])


async def seen(graph: Graph, brand_id: str) -> list[str]:
    """Every identifier that there is."""

    async def look(tx: Any) -> list[str]:
        found = await tx.run("MATCH (i:Identifier) WHERE i.brand_id = $brand RETURN i.value AS value", brand=brand_id)
        return sorted([row["value"] async for row in found])

    return await graph.look(look)


async def held(graph: Graph, brand_id: str) -> list[tuple[str, int]]:
    """Identifiers that somebody holds, and how many events of that person carry them."""

    async def look(tx: Any) -> list[tuple[str, int]]:
        found = await tx.run(
            "MATCH (p:Profile {brand_id: $brand})-[:HAS_IDENTIFIER]->(i) "
            "RETURN i.value AS value, COUNT { (p)<-[:ATTACHED_TO]-()-[:CARRIES]->(i) } AS events",
            brand=brand_id,
        )
        return sorted([(row["value"], row["events"]) async for row in found])

    return await graph.look(look)
