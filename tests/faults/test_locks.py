"""The locks that everything else stands on, taken for real."""

import asyncio
from typing import Any

import pytest

from app.domain.errors import Conflict
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.graph.deciding import decider
from app.graph.driver import Graph
from app.graph.neighbourhood import Touched, read_neighbourhood
from app.graph.rulebook import RuleBook
from app.ingest.transaction import Brand, ingest
from app.privacy.erasure import erase
from app.review.decide import reject, request_merge
from app.review.declare import declare_identifier
from app.review.undo import split_profile, undo_merge
from tests.resolve.world import event, ids

STORED = """
CALL () { MATCH (e:ErasedEvent) WHERE e.brand_id = $brand RETURN count(e) AS erased }
CALL () { MATCH (e:Event) WHERE e.brand_id = $brand RETURN collect(COUNT { (e)-[:ATTACHED_TO]->(:Profile) }) AS homes }
RETURN erased, homes
"""
FORGET = {
    "identifier": "MATCH (i:Identifier {key: $brand + '|email|m1'}) DETACH DELETE i",
    "order": "MATCH (o:Order {key: $brand + '|test|o1'}) DETACH DELETE o",
    "profile": """
MATCH (i:Identifier {key: $brand + '|email|m1'})<-[:HAS_IDENTIFIER]-(p:Profile) DETACH DELETE i
WITH p MATCH (p)-[tie]-() DELETE tie REMOVE p:Profile SET p:Tombstone
""",
}
STANDS = """
MATCH (e:Event {key: $brand + '|' + $event})
RETURN COUNT { (:Profile {profile_id: $profile})-[:HAS_IDENTIFIER]->(:Identifier {key: $brand + '|email|m1'}) } AS held,
  COUNT { (e)-[:CARRIES]->(:Identifier) } AS carried, COUNT { (e)-[:OF_ORDER]->(:Order) } AS ordered,
  COUNT { (e)-[:ATTACHED_TO]->(:Profile {profile_id: $profile}) } AS attached
"""
MAIL = "MATCH (i:Identifier {key: $brand + '|email|m1'}) REMOVE i.lock"


@pytest.mark.parametrize("touched", [Touched(linkable=ids("m1")), Touched(linkable=ids("p1")), Touched(linkable=ids("m1 u9"))])
async def test_who_touches_the_same_person_waits(graph: Graph, brand_id: str, touched: Touched) -> None:
    """By the same identifier, or by another of the same profile. REMOVE of a property that no node of the store ever had
    takes no lock, so a store's first events would be lost updates if no migration had made the name known."""
    await ingest(graph, Brand(brand_id, "USD", RuleBook(Rules())), [event(1, "m1 p1", brand=brand_id)])
    first_has_it, go_on = asyncio.Event(), asyncio.Event()

    async def holds(tx: Any) -> None:
        await read_neighbourhood(tx, brand_id, Touched(linkable=ids("m1")))
        first_has_it.set()
        await go_on.wait()

    async def waits(tx: Any) -> None:
        await read_neighbourhood(tx, brand_id, touched)

    first = asyncio.create_task(graph.write(holds))
    await first_has_it.wait()
    second = asyncio.create_task(graph.write(waits))
    done, _ = await asyncio.wait([second], timeout=0.5)
    go_on.set()
    await asyncio.gather(first, second)
    assert not done


@pytest.mark.parametrize("what", ["merge", "reject", "undo", "split", "declare", "erase"])
async def test_an_event_and_a_decision_about_its_person_are_no_deadlock(
    graph: Graph, brand_id: str, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An event locks what it carries, then whose that is. A decision that locked the person first met it half-way: one of the two
    was sent back, and under load it was a 503 in the end."""
    rules = RuleBook(Rules(limits={"email": 1}, fan_out={"email": 1}))
    seen = [event(n, names, brand=brand_id) for n, names in enumerate(("m1", "p1", "m1 p1", "u1 l8", "u1 l9", "m1 m2"))]
    told = await ingest(graph, Brand(brand_id, "USD", rules), seen)
    person, other, review_id, merge_id = told[0].profile_id, told[3].profile_id, told[5].review_id, told[2].merge_id
    decision = decider(rules, "USD")(brand_id, None)
    decided = {
        "merge": lambda: request_merge(graph, decision, [person, other]),
        "reject": lambda: reject(graph, decision, review_id),
        "undo": lambda: undo_merge(graph, decision, merge_id),
        "split": lambda: split_profile(graph, decision, person, [frozenset(ids("m1")), frozenset(ids("p1"))]),
        "declare": lambda: declare_identifier(graph, decision, *ids("p1"), Standing.SHARED),
        "erase": lambda: erase(graph, decision, ids("m1")),
    }[what]
    first_has_it, go_on = asyncio.Event(), asyncio.Event()

    async def carries(tx: Any) -> None:
        await tx.run(MAIL, brand=brand_id)
        first_has_it.set()
        await go_on.wait()
        await read_neighbourhood(tx, brand_id, Touched(linkable=ids("m1")))

    first = asyncio.create_task(graph.write(carries))
    await first_has_it.wait()
    second = asyncio.create_task(decided())
    await asyncio.wait([second], timeout=0.5)
    go_on.set()
    await asyncio.gather(first, second)
    assert "DeadlockDetected" not in caplog.text


async def test_who_waits_for_what_is_erased_meanwhile_stores_it_anew(graph: Graph, brand_id: str) -> None:
    """Transactions side by side, as of several processes: what is erased is deleted while others wait for its lock."""
    rules = RuleBook(Rules())
    brand = Brand(brand_id, "USD", rules)

    async def write(worker: int) -> None:
        for number in range(25):
            names = ("m1", "m1 p1", "p1")[number % 3]
            what = ("purchase", "refund")[number % 2]
            seen = event(worker * 1_000 + number, names, brand=brand_id, type_=what, order=f"o{number % 4}")
            (told,) = await ingest(graph, brand, [seen])
            assert not isinstance(told, Conflict)

    async def forget(name: str) -> None:
        for _ in range(15):
            await erase(graph, decider(rules, "USD")(brand_id, None), ids(name))

    await asyncio.gather(*map(write, range(6)), forget("m1"), forget("p1"))

    async def stored(tx: Any) -> tuple[int, list[int]]:
        result = await tx.run(STORED, brand=brand_id)
        row = await result.single()
        return row["erased"], row["homes"]

    erased, homes = await graph.look(stored)
    assert erased + len(homes) == 150
    assert set(homes) <= {1}


@pytest.mark.parametrize("what", ["identifier", "order", "profile"])
async def test_who_waited_for_the_lock_of_what_is_gone_by_then_makes_it_anew(graph: Graph, brand_id: str, what: str) -> None:
    """MERGE had found the node, whose lock it then waited for. To write to one that is deleted is no error, and does nothing."""
    rules = RuleBook(Rules())
    brand = Brand(brand_id, "USD", rules)
    await ingest(graph, brand, [event(1, "m1", brand=brand_id, order="o1")])
    gone, go_on = asyncio.Event(), asyncio.Event()

    async def forgets(tx: Any) -> None:
        await tx.run(FORGET[what], brand=brand_id)
        gone.set()
        await go_on.wait()

    first = asyncio.create_task(graph.write(forgets))
    await gone.wait()
    second = asyncio.create_task(ingest(graph, brand, [event(2, "m1", brand=brand_id, order="o1", type_="refund")]))
    await asyncio.wait([second], timeout=0.5)
    assert not second.done()
    go_on.set()
    await first
    (told,) = await second

    async def stored(tx: Any) -> dict[str, Any]:
        result = await tx.run(STANDS, brand=brand_id, profile=told.profile_id, event=told.event_id)
        return dict(await result.single())

    assert await graph.look(stored) == {"held": 1, "carried": 1, "ordered": 1, "attached": 1}
