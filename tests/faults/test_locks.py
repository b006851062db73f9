"""The locks that everything else stands on, taken for real."""

import asyncio
from typing import Any

import pytest

from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.neighbourhood import Touched, read_neighbourhood
from app.graph.rulebook import RuleBook
from app.ingest.transaction import Brand, ingest
from tests.resolve.world import event, ids


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
