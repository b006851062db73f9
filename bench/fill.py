"""Fills a brand: the service's own write path in large batches, with no HTTP before it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from app.domain.events import Event
from app.domain.plan import Answer
from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j
from app.graph.rulebook import RuleBook
from app.ingest.transaction import Brand, ingest
from app.settings import Settings
from app.sources.base import Defaults, Delivery
from app.sources.shopify import parse
from bench.bodies import Order, Orders
from bench.processes import BenchError, say

BATCH = 250
TELL_EVERY_S = 15.0


async def fill(home: Path, brand_id: str, orders: Orders, count: int, acked: Path) -> float:
    """Stores `count` more orders and returns events a second. What is stored goes to `acked`, as the load generator writes it."""
    address = EmbeddedNeo4j(home, Settings().engine_dir).address
    graph = Graph.connect(address.uri, address.username, address.password)
    brand = Brand(brand_id, "USD", RuleBook(Rules()))
    began = told = time.perf_counter()
    done = 0
    try:
        with acked.open("a", encoding="ascii") as file:
            for batch in _batches(orders, count):
                answers = await ingest(graph, brand, [_event(order, brand_id) for order in batch])
                for order, answer in zip(batch, answers, strict=True):
                    if not isinstance(answer, Answer):
                        raise BenchError(f"an order of the filling was refused: {answer.detail}")
                    file.write(f"{answer.event_id} {order.minor}\n")
                done += len(batch)
                if time.perf_counter() - told > TELL_EVERY_S:
                    told = time.perf_counter()
                    say(f"  {done:,} of {count:,}")
    finally:
        await graph.close()
    return count / (time.perf_counter() - began)


async def store(graph: Graph, brand_id: str, events: Iterator[Event]) -> tuple[int, str | None]:
    """Stores events that were made already: how many, and the first merge that they made."""
    brand, told, stored = Brand(brand_id, "USD", RuleBook(Rules())), time.perf_counter(), 0
    first: str | None = None
    while batch := list(islice(events, BATCH)):
        for answer in await ingest(graph, brand, batch):
            if not isinstance(answer, Answer):
                raise BenchError(f"an event of the filling was refused: {answer.detail}")
            first = first or answer.merge_id
        stored += len(batch)
        if time.perf_counter() - told > TELL_EVERY_S:
            told = time.perf_counter()
            say(f"  {stored:,} events stored")
    return stored, first


def _batches(orders: Orders, count: int) -> Iterator[list[Order]]:
    for start in range(0, count, BATCH):
        yield [orders.next() for _ in range(min(BATCH, count - start))]


def _event(order: Order, brand_id: str) -> Event:
    delivery = Delivery(brand_id, {"x-shopify-topic": "orders/create"}, order.body, datetime.now(UTC), "bench")
    (event,) = parse(delivery, Defaults()).events
    return event
