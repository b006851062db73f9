"""Events that were stored without being resolved, because what they would make shared joined too much for one delivery."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from neo4j import AsyncManagedTransaction

from app.domain.events import Event
from app.domain.plan import Outcome
from app.graph.driver import Graph
from app.graph.region import MAX_ENTRIES_OF_A_JOB, carries_still, read_parked, read_region
from app.graph.write import write
from app.ingest.transaction import Brand, read_near, touched_by
from app.resolve.resolve import RegionNeeded, resolve

AT_ONCE = 100
PATIENCE_S = 60.0  # for one event's region


async def release(graph: Graph, brand: Brand, most: int = MAX_ENTRIES_OF_A_JOB) -> int:
    """Resolves a brand's parked events in the order they came, each in its own transaction; how many it released.

    Can be stopped and started again at any time. Raises RegionTooLarge at an event that even a job cannot resolve, and
    then releases none behind it: order is what makes a rebuild agree.
    """
    released = 0
    while True:
        events = await _parked(graph, brand.brand_id)
        if not events:
            return released
        with suppress(_Moved):  # they are read again
            for event in events:
                await _resolved(graph, brand, event, most)
                released += 1


class _Moved(Exception):
    """An event is not what was read: another job was faster, or some of it was erased. What was locked for it must not stay."""


async def _parked(graph: Graph, brand_id: str) -> tuple[Event, ...]:
    async def work(tx: AsyncManagedTransaction) -> tuple[Event, ...]:
        return await read_parked(tx, brand_id, AT_ONCE)

    return await graph.write(work)


async def _resolved(graph: Graph, brand: Brand, event: Event, most: int) -> None:
    async def work(tx: AsyncManagedTransaction) -> None:
        near = await read_near(tx, brand.brand_id, touched_by([event]), [event])
        known = near.state.known.get(event.event_id)
        if known is None or known.answer.outcome is not Outcome.PARKED or not await carries_still(tx, event):
            raise _Moved
        state = replace(near.state, known={})
        rules = await brand.book.version(tx, brand.brand_id, near.rules)
        try:
            plan = resolve(state, [event], (), rules)
        except RegionNeeded:
            carried = [identifier for identifier in event.identifiers if identifier in state.identifiers]
            whole = await read_region(tx, state, carried, most=most)
            plan = await asyncio.to_thread(resolve, whole, [event], (), rules)  # others are served meanwhile
        await write(tx, plan, brand.brand_id, brand.currency, parked=frozenset({event.event_id}))

    await graph.write(work, PATIENCE_S)
