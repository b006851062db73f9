"""A component of thousands is folded for seconds: beside the service's loop, which answers everybody else meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.graph import region
from app.graph.deciding import Decision, decider
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest import parked, transaction
from app.ingest.parked import release
from app.ingest.transaction import Brand, ingest
from app.privacy import erasure
from app.review import declare, rebuild, rehearse, undo
from app.review.rehearse import Rehearsal
from app.review.rule_versions import create_version
from tests.resolve.world import event, ids

BOOK = RuleBook(Rules(max_auto_merge=5, limits={}, fan_out={"device": 1}))


@pytest.fixture
def brand(brand_id: str) -> Brand:
    return Brand(brand_id, "USD", BOOK)


@pytest.fixture
def decision(brand_id: str) -> Decision:
    return decider(BOOK, "USD")(brand_id, None)


def watched(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[bool]:
    """Whether each call of a function was beside the loop."""
    function: Callable[..., Any] = getattr(module, name)
    beside: list[bool] = []

    def called(*args: Any, **more: Any) -> Any:
        try:
            asyncio.get_running_loop()
            beside.append(False)
        except RuntimeError:
            beside.append(True)
        return function(*args, **more)

    monkeypatch.setattr(module, name, called)
    return beside


async def seen(graph: Graph, brand: Brand, *names: str) -> list[Any]:
    return [
        (await ingest(graph, brand, [event(number, one, brand=brand.brand_id)]))[0] for number, one in enumerate(names, start=1)
    ]


async def test_a_crossing(graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = watched(monkeypatch, transaction, "resolve")
    await seen(graph, brand, "m1 d0", "m2 d0")
    assert resolved == [False, False, True], "what reads no component is decided where it is"


async def test_what_was_parked(graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(region.read_region, "__defaults__", ((), 1, None))
    resolved = watched(monkeypatch, parked, "resolve")
    told = await seen(graph, brand, "m1 d0", "d0", "m2 d0")
    assert told[-1].outcome == "parked"
    assert await release(graph, brand) == 1
    assert resolved == [False, True]


async def test_an_undo_what_takes_it_back_and_a_split(
    graph: Graph, brand: Brand, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, told = await seen(graph, brand, "m1", "p1", "m1 p1")
    apart, judged = watched(monkeypatch, undo, "apart"), watched(monkeypatch, undo, "judged_anew")
    await undo.undo_merge(graph, decision, told.merge_id)
    await undo.redo_merge(graph, decision, told.merge_id)
    await undo.split_profile(graph, decision, told.profile_id, [frozenset(ids("m1")), frozenset(ids("p1"))])
    assert (apart, judged) == ([True], [True, True, True])


async def test_a_declaration(graph: Graph, brand: Brand, decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    await seen(graph, brand, "m1 p1")
    declared = watched(monkeypatch, declare, "declare")
    await declare.declare_identifier(graph, decision, *ids("m1"), Standing.SHARED)
    assert declared == [True]


async def test_an_erasure(graph: Graph, brand: Brand, decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    await seen(graph, brand, "m1 p1")
    erased = watched(monkeypatch, erasure, "erased")
    await erasure.erase(graph, decision, ids("m1"))
    assert erased == [True]


async def test_other_rules_and_a_rebuild(graph: Graph, brand: Brand, decision: Decision, monkeypatch: pytest.MonkeyPatch) -> None:
    await seen(graph, brand, "m1 p1")
    ruled, rebuilt = watched(monkeypatch, rehearse, "ruled_anew"), watched(monkeypatch, rebuild, "refolded")
    rehearsal = Rehearsal(graph, BOOK, "USD", grace_s=0)
    await rehearsal.promote(decision, await create_version(graph, decision, Rules(max_auto_merge=2), "0"))
    await rehearsal.go_on(brand.brand_id, lambda _: None)
    await rehearsal.rebuild(brand.brand_id, lambda _: None)
    assert ruled
    assert rebuilt
    assert all((*ruled, *rebuilt))
