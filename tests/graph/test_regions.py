"""Hubs in a real graph: random histories whose identifiers become shared, or are declared, compared with the fold in memory."""

import asyncio
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.identifiers import Identifier
from app.domain.plan import Hold
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.domain.state import State
from app.graph.deciding import Decision
from app.graph.driver import Graph
from app.graph.neighbourhood import Touched, read_neighbourhood
from app.graph.region import read_region
from app.graph.rows import key
from app.graph.rulebook import RuleBook
from app.graph.write import write
from app.ingest.transaction import Brand
from app.privacy.erasure import erase
from app.resolve.resolve import declare
from app.review.rehearse import Rehearsal
from app.review.rule_versions import create_version
from app.review.undo import retract_judgement, split_profile, undo_merge
from tests.conftest import new_brand
from tests.graph.test_graph_equals_fold import NAMES, Mirror, comparable, in_the_graph
from tests.resolve.test_laws import brought, decided, ordered, seen
from tests.resolve.test_ruled import rules as some_rules
from tests.resolve.test_shared import NOBODYS_SINCE_SHARED, RULES, TWO, declared_histories, live
from tests.resolve.test_shared import declared as declared_
from tests.resolve.test_undo import played, taken_back, with_hubs
from tests.resolve.world import event, ids, imported

OPEN = replace(RULES, max_auto_merge=5, limits={}, fan_out=TWO)


class Hubs(Mirror):
    """Declarations go into the graph as well. `held_there`: who holds what in the graph, and the merge that brought it."""

    held_there: dict[Hold, str | None]

    def declare(self, name: str, standing: Standing | None):  # type: ignore[no-untyped-def]
        self.todo.append(("declare", (name, standing, self._now())))
        return super().declare(name, standing)


class Undoing(Hubs):
    """Undos, and undos of them, too."""

    def undo(self, merge_id: str):  # type: ignore[no-untyped-def]
        plan = super().undo(merge_id)
        self.todo.append(("undo", (merge_id, str(self.steps), self._now())))
        return plan

    def split(self, profile_id: str, groups):  # type: ignore[no-untyped-def]
        plan = super().split(profile_id, groups)
        named = [frozenset(ids(group)) for group in groups]
        self.todo.append(("split", (profile_id, named, str(self.steps), self._now())))
        return plan

    def rule(self, rules: Rules):  # type: ignore[no-untyped-def]
        self.todo.append(("rule", (rules, str(len(self.todo)), self._now())))
        return super().rule(rules)

    def erase(self, *profile_ids: str):  # type: ignore[no-untyped-def]
        """Of those who hold the first identifier that they hold."""
        named = min(one for one in self.state.identifiers if not self.state.holders(one).isdisjoint(profile_ids))
        gone = super().erase(*self.state.holders(named))
        self.todo.append(("erase", (named, str(self.steps), self._now())))
        return gone

    def retract(self, judgement_id: str):  # type: ignore[no-untyped-def]
        self.todo.append(("retract", (judgement_id, "", self._now())))
        return super().retract(judgement_id)


async def declared(graph: Graph, brand: Brand, name: str, standing: Standing | None, at: Any) -> None:
    (identifier,) = ids(name)

    async def work(tx: Any) -> None:
        near = await read_neighbourhood(tx, brand.brand_id, Touched(linkable=(identifier,)))
        whole = await read_region(tx, near.state, {identifier})
        rules = await brand.book.in_force(tx, brand.brand_id)
        await write(tx, declare(whole, identifier, standing, rules, at), brand.brand_id, brand.currency)

    await graph.write(work)


async def everything(graph: Graph, world: Hubs) -> State:
    """All components of a brand, with the places of its ids and events."""

    async def work(tx: Any) -> State:
        touched = Touched(linkable=ids(NAMES), orders=tuple(world.state.orders), event_ids=tuple(world.stored))
        near = await read_neighbourhood(tx, world.brand, touched)
        return await read_region(tx, near.state, ids(NAMES), tuple(world.stored))  # some name nobody

    return await graph.write(work)


def test_the_graph_equals_the_fold_when_hubs_cross(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(declared_histories)
    @example(NOBODYS_SINCE_SHARED)
    def law(history: list[tuple[str, object]]) -> None:
        world = Hubs(RULES, brand=new_brand())
        live(history, RULES, world)
        compare(world, session_loop.run_until_complete(taken(graph, world)))

    law()


def test_the_graph_equals_the_fold_when_merges_are_undone(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(with_hubs)
    def law(history: list[tuple[str, object]]) -> None:
        world = Undoing(RULES, brand=new_brand())
        played(history, RULES, world)
        compare(world, session_loop.run_until_complete(taken(graph, world)))

    law()


def test_the_graph_equals_the_fold_when_rules_change(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    steps = st.one_of(seen, seen, seen, ordered, brought, decided, declared_, taken_back, st.tuples(st.just("rule"), some_rules))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(steps, min_size=4, max_size=14))
    def law(history: list[tuple[str, object]]) -> None:
        world = Undoing(RULES, brand=new_brand())
        played(history, RULES, world)
        compare(world, session_loop.run_until_complete(taken(graph, world)))

    law()


async def test_what_only_a_split_holds_together_is_read_as_one(graph: Graph) -> None:
    """m1 and m0 met through p1 only. The split keeps them one person, also when p1 is shared and links nobody any more. Then a
    cookie of m0's becomes shared, and its region is folded again: without m1's entries the person would lose what it bought
    with m1."""
    world = Undoing(OPEN, brand=new_brand())
    for names, value in (("m1 p1", 10), ("p1 m0", 20), ("m0 c1", 5)):
        world.see(names, value=value)
    world.split(world.holder("m1"), ["m1 m0 c1", "p1"])
    for names in ("p1 m2", "c1 l0", "c1 l1", "c1 l2"):
        world.see(names)
    assert world.replays == 2
    state = await taken(graph, world)
    compare(world, state)
    assert dict(state.profiles[world.holder("m1")].spend) == {"USD": 35}


async def test_of_two_merges_in_a_batch_the_first_brought_what_both_bring(graph: Graph) -> None:
    world = Undoing(OPEN, brand=new_brand())
    world.see("m0")
    world.see("m1")
    together, known, again = (
        event(3, "m0 m1", brand=world.brand),
        imported(4, "m1", brand=world.brand),
        event(5, "m1", brand=world.brand),
    )
    world.take([together, known, again])
    compare(world, await taken(graph, world))
    assert set(world.brought.values()) == {None, min(world.merges, key=list(world.merges).index)}


async def test_a_cart_is_not_scored_by_what_somebody_else_bought(graph: Graph) -> None:
    world = Undoing(OPEN, brand=new_brand())
    world.see("m1", type_="page_view")
    world.see("l1")
    world.see("m1 l1", type_="page_view")
    (merge_id,) = world.merges
    (cart,) = world.see("m1", type_="cart_add").intents
    world.undo(merge_id)
    assert world.intents[cart.intent_id][0] < cart.score
    compare(world, await taken(graph, world))


async def test_a_merge_whose_survivor_holds_nothing_any_more_is_undone(graph: Graph) -> None:
    world = Undoing(OPEN, brand=new_brand())
    for value, name in enumerate(("c0", "c1")):
        world.bring(name, value)
    world.merge([world.holder("c0"), world.holder("c1")])
    for n in (0, 1, 2):
        world.see(f"c0 l{n}")
        world.see(f"c1 l{n}")
    (merge_id,) = world.merges
    assert not any(held_by & set(world.merges[merge_id][:1]) for held_by in map(world.state.holders, world.state.identifiers))
    world.undo(merge_id)
    compare(world, await taken(graph, world))


def compare(world: Any, state: State) -> None:
    assert without_clocks(state) == without_clocks(world.state)
    assert state.region is not None
    assert dict(state.region.homes) == world.homes
    assert world.held_there == world.brought
    assert dict(state.region.placed) == world.placed
    assert dict(state.region.issued) == world.issued
    assert dict(state.region.merges) == world.merges
    assert dict(state.region.intents) == world.intents


def without_clocks(state: State) -> dict[str, object]:
    """The world in memory folds everything again where the graph folds one region, so clocks may differ."""
    profiles = {key: profile._replace(clock=0) for key, profile in state.profiles.items()}
    identifiers = {key: node._replace(clock=0) for key, node in state.identifiers.items()}
    orders = {order: tuple(one._replace(clock=0) for one in told) for order, told in state.orders.items()}
    links = {link_id: replace(link, clock=0) for link_id, link in state.links.items()}
    placeless = replace(state, profiles=profiles, identifiers=identifiers, orders=orders, links=links)
    return {**comparable(placeless), "known": None}


async def ruled(graph: Graph, brand: Brand, rules: Rules, request_id: str, at: Any) -> None:
    """A version of its own, put in force page by page."""
    decision = Decision(brand.brand_id, "admin", at, request_id, currency=brand.currency, book=brand.book)
    version = await create_version(graph, decision, rules, "0")
    rehearsal = Rehearsal(graph, brand.book, brand.currency, grace_s=0)
    await rehearsal.promote(decision, version)
    await rehearsal.go_on(brand.brand_id, lambda numbers: None)


async def taken(graph: Graph, world: Hubs) -> State:
    brand = Brand(world.brand, "USD", RuleBook(world.at_first))
    for step in world.todo:
        if step[0] == "declare":
            await declared(graph, brand, *step[1])
        elif step[0] in {"undo", "retract"}:
            what, request_id, at = step[1]
            decision = Decision(world.brand, "admin", at, request_id, currency="USD", book=brand.book)
            await (undo_merge if step[0] == "undo" else retract_judgement)(graph, decision, what)
        elif step[0] == "erase":
            named, request_id, at = step[1]
            await erase(graph, Decision(world.brand, "admin", at, request_id, currency="USD", book=brand.book), [named])
        elif step[0] == "rule":
            await ruled(graph, brand, *step[1])
        elif step[0] == "split":
            profile_id, groups, request_id, at = step[1]
            decision = Decision(world.brand, "admin", at, request_id, currency="USD", book=brand.book)
            await split_profile(graph, decision, profile_id, groups)
        else:
            await in_the_graph(graph, brand, [step])
    found = await graph.read("past/ids", touched={"profiles": [key(world.brand, one) for one in world.issued]})
    people = {row["profile"]["profile_id"]: row["profile"]["held"] for row in found}
    world.held_there = {Hold(p, Identifier(*held[:2])): held[2] for p, edges in people.items() for held in edges}
    return await everything(graph, world)
