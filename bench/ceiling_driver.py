"""The database ceiling: the driver alone writes the rows that the service would, prepared beforehand, with no logic.

The rows come from the service's own code: bodies are parsed and resolved in memory, and `app.graph.write` hands its
statements to a recorder instead of a transaction. What is timed is only the driver and Neo4j.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from neo4j import AsyncDriver, AsyncManagedTransaction

from app.domain.events import Event
from app.domain.plan import Plan
from app.domain.rules import Rules
from app.domain.state import State
from app.graph.rows import key
from app.graph.write import write
from app.resolve.resolve import resolve
from app.sources.base import Defaults, Delivery
from app.sources.shopify import parse
from bench.bodies import Orders

CURRENCY = "USD"
BATCH, WRITERS = 250, 2
RECEIVED_AT = datetime(2025, 1, 10, 16, 0, tzinfo=UTC)
NEW_IDENTIFIERS_AND_ORDERS = """
CALL () { UNWIND $plan.identifiers AS row CREATE (i:Identifier) SET i = row }
CALL () { UNWIND $plan.orders AS row CREATE (o:Order) SET o = row }
"""

Statement = tuple[str, dict[str, Any]]


class Nothing(AsyncIterator[Any]):
    """A result without rows."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration


@dataclass(slots=True)
class Recorder:
    """Stands where a transaction would and keeps what it is asked to run."""

    statements: list[Statement] = field(default_factory=list)

    async def run(self, statement: str, parameters: dict[str, Any]) -> Nothing:
        self.statements.append((statement, parameters))
        return Nothing()


@dataclass(frozen=True, slots=True)
class Written:
    """One measurement of the driver: events a second, and the milliseconds of each transaction."""

    events_per_s: float
    latencies_ms: list[float]


async def prepare(brand: str, run: int, events: int, batch: int) -> list[list[Statement]]:
    """The statements of each transaction, `batch` events a transaction."""
    orders, state, transactions = Orders(run), State(brand_id=brand), []
    for _ in range(events // batch):
        parsed = [_event(orders.next().body, brand) for _ in range(batch)]
        plan = resolve(state, parsed, (), Rules())
        transactions.append(await _statements(plan, state, brand))
        state = state.after(plan)
    return transactions


def _event(body: bytes, brand: str) -> Event:
    delivery = Delivery(brand, {"x-shopify-topic": "orders/create"}, body, RECEIVED_AT, "bench")
    (event,) = parse(delivery, Defaults()).events
    return event


async def _statements(plan: Plan, state: State, brand: str) -> list[Statement]:
    """The identifiers and orders that the service's read would have made, then its write."""
    recorder = Recorder()
    new = [node.identifier for node in plan.identifiers if node.identifier not in state.identifiers]
    rows = [{"key": key(brand, *i), "brand_id": brand, "type": i.type, "value": i.value} for i in new]
    orders = [{"key": key(brand, *o), "brand_id": brand, **o._asdict()} for stored in plan.events if (o := stored.event.order)]
    await recorder.run(NEW_IDENTIFIERS_AND_ORDERS, {"plan": {"identifiers": rows, "orders": orders}})
    await write(cast(AsyncManagedTransaction, recorder), plan, brand, CURRENCY)
    return recorder.statements


async def write_all(driver: AsyncDriver, writers: Iterable[list[list[Statement]]], batch: int) -> Written:
    """Each writer commits its transactions one after the other; the writers run beside each other."""
    latencies: list[float] = []

    async def writer(transactions: list[list[Statement]]) -> None:
        async with driver.session() as session:
            for statements in transactions:
                began = time.perf_counter()
                await session.execute_write(_run, statements)
                latencies.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(writer(transactions) for transactions in writers))
    return Written(len(latencies) * batch / (time.perf_counter() - began), latencies)


async def _run(tx: AsyncManagedTransaction, statements: list[Statement]) -> None:
    for statement, parameters in statements:
        result = await tx.run(statement, parameters)
        await result.consume()
