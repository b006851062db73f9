"""The graph holds exactly what the fold says: random histories through Neo4j, compared with the fold in memory."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings

from app.domain.events import Event, Money, OrderKey, ProfileImport, stable_id
from app.domain.orders import AS_IT_CAME, Reckoning, reckoned
from app.domain.plan import Known
from app.domain.profiles import Review
from app.domain.state import State
from app.graph.driver import Graph
from app.graph.neighbourhood import Touched, read_neighbourhood
from app.graph.rows import key, moment
from app.graph.rulebook import RuleBook
from app.graph.write import write
from app.ingest.transaction import Brand, ingest
from app.resolve.resolve import resolve
from tests.conftest import new_brand
from tests.resolve.test_laws import RULES, act, histories
from tests.resolve.test_undo import FREE
from tests.resolve.world import World, ids

NAMES = ["m0", "m1", "m2", "p0", "p1", "l0", "l1", "l2", "c0", "c1", "d0"]


class Mirror(World):
    """A world whose every step is also taken in the graph."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_first = self.rules
        self.todo: list[tuple[str, Any]] = []

    def take(self, entries):  # type: ignore[no-untyped-def]
        self.todo.append(("take", tuple(entries)))
        return super().take(entries)

    def _decide(self, judgements):  # type: ignore[no-untyped-def]
        judgements = tuple(judgements)
        concerned = {self.state.find(i) for j in judgements for side in j.sides for i in side.profile_ids}
        self.todo.append(("decide", (judgements, concerned)))
        return super()._decide(judgements)


async def in_the_graph(graph: Graph, brand: Brand, todo: list[tuple[str, Any]]) -> None:
    for what, how in todo:
        if what == "take":
            await ingest(graph, brand, how)
        else:
            await decide(graph, brand, *how)


async def decide(graph: Graph, brand: Brand, judgements: Any, concerned: set[str]) -> None:
    async def work(tx: Any) -> None:
        touched = Touched(linkable=ids(NAMES), profile_ids=tuple(concerned))
        near = await read_neighbourhood(tx, brand.brand_id, touched)
        rules = await brand.book.in_force(tx, brand.brand_id)
        await write(tx, resolve(near.state, (), judgements, rules), brand.brand_id, brand.currency)

    await graph.write(work)


async def read_all(graph: Graph, brand_id: str, event_ids: tuple[str, ...], orders: tuple[OrderKey, ...]) -> State:
    """Everything of a small brand, as the next batch would see it. (Unused identifiers are created, and left out here.)"""

    async def work(tx: Any) -> State:
        near = await read_neighbourhood(tx, brand_id, Touched(linkable=ids(NAMES), event_ids=event_ids, orders=orders))
        return near.state

    return await graph.write(work)


async def marks(graph: Graph, brand_id: str, event_ids: Iterable[str]) -> dict[str, Reckoning]:
    """How purchases and refunds count, as whoever queries the graph reads it."""
    query = """
      UNWIND $keys AS key MATCH (e:Event {key: key})
      RETURN e.event_id, e.cancelled_at.epochMillis, e.revised_minor, e.revised_currency, e.revised_at.epochMillis"""

    async def work(tx: Any) -> dict[str, Reckoning]:
        result = await tx.run(query, keys=[key(brand_id, event_id) for event_id in event_ids])
        rows = [record.values() async for record in result]
        return {
            event_id: Reckoning(moment(cancelled), None if minor is None else Money(minor, currency), moment(revised))
            for event_id, cancelled, minor, currency, revised in rows
        }

    return await graph.write(work)


def comparable(state: State) -> dict[str, object]:
    seen = {i: n for i, n in state.identifiers.items() if n.first_seen is not None}
    return {
        "profiles": dict(state.profiles),
        "identifiers": {i: n._replace(holders=state.holders(i)) for i, n in seen.items()},
        "reviews": {review.review_id: review for review in state.pending()},
        "links": {link_id: state.links[link_id] for review in state.pending() for link_id in review.link_ids},
        "known": dict(state.known),
        "orders": {order: sorted(told) for order, told in state.orders.items()},
    }


def test_the_graph_equals_the_fold(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(histories)
    @example([("order", ("purchase", "o1", [])), ("order", ("order_updated", "o1", ["m0"]))])  # whose it is comes later
    def law(history: list[tuple[str, object]]) -> None:
        world = Mirror(RULES, brand=new_brand())
        for what, how in history:
            act(world, what, how)
        events = tuple(world.stored)

        async def both() -> State:
            await in_the_graph(graph, Brand(world.brand, "USD", RuleBook(world.rules)), world.todo)
            return await read_all(graph, world.brand, events, tuple(world.state.orders))

        assert comparable(session_loop.run_until_complete(both())) == comparable(world.state)
        orders = world.state.orders.values()
        marked = {one.event_id: AS_IT_CAME for told in orders for one in told}
        marked |= {key: mark for told in orders for key, mark in reckoned(told).items()}
        assert session_loop.run_until_complete(marks(graph, world.brand, marked)) == marked

    law()


async def moved_by(graph: Graph, brand_id: str) -> dict[str, str | None]:
    """Of each identifier and event of people, the merge that brought it where it is."""
    query = """
      MATCH (p:Profile WHERE p.key STARTS WITH $prefix)
      RETURN [(p)-[held:HAS_IDENTIFIER]->(i) | [i.value, held.merge_id]]
        + [(p)<-[at:ATTACHED_TO]-(e) | [e.event_id, at.merge_id]]"""

    async def work(tx: Any) -> dict[str, str | None]:
        result = await tx.run(query, prefix=key(brand_id, ""))
        return {what: by async for record in result for what, by in record[0]}

    return await graph.write(work)


@pytest.mark.parametrize("at", [(0, 1, 2, 3, 4), (0, 1, 2, 3), (0,)])
async def test_what_several_merges_moved_says_the_last_of_them_also_of_one_batch(graph: Graph, at: tuple[int, ...]) -> None:
    """`at`: where batches begin."""
    world = Mirror(FREE, brand=new_brand())
    for name in ("m1 p1 l0", "m0", "p0", "m0 p0", "m0 l0"):
        world.see(name)
    entries = [entry for _, (entry,) in world.todo]
    first, *others, fourth, fifth = (entry.event_id for entry in entries)
    last = stable_id(world.brand, "merge", fifth)
    brand = Brand(world.brand, "USD", RuleBook(world.rules))
    for begin, end in pairwise((*at, None)):
        await ingest(graph, brand, entries[begin:end])
    stayed = dict.fromkeys((first, fifth, "m1", "p1", "l0"))
    assert await moved_by(graph, world.brand) == {**stayed, **dict.fromkeys((*others, fourth, "m0", "p0"), last)}


_ = (Event, ProfileImport, Known, Review)
