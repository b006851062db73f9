"""Features and scores of a whole brand: profiles a second, and the most memory. `make bench ARGS="--learn --profiles 100000"`.

The graph is asked with the service's own patience: what would fail there fails here.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.events import Event, Item, Money, event_id, stable_id
from app.domain.identifiers import Identifier
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j
from app.graph.migrations import migrate
from app.ingest.warm_up import warm_up
from app.learn.prediction_job import predict
from app.settings import Settings
from bench.fill import TELL_EVERY_S, store
from bench.processes import say
from bench.report import aligned

BRAND = "learning"
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 180
NOW = FIRST_DAY + timedelta(days=DAYS)
CHANGED = 100
PRODUCTS = 400
CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of the job: what it said it did, how long it took, the most memory of the process while it ran."""

    name: str
    did: Mapping[str, object]
    seconds: float
    megabytes: float


def learn(people: int) -> tuple[list[Pass], float]:
    """Fills a brand, then runs `predictions` three times: everybody, nobody, and the few who changed. Also events a second."""
    with tempfile.TemporaryDirectory(prefix="constintel-bench-") as folder:
        embedded = EmbeddedNeo4j(Path(folder) / "home", Settings().engine_dir)
        say("starting Neo4j ...")
        with embedded as address:
            graph = Graph.connect(address.uri, address.username, address.password)
            return asyncio.run(_learn(graph, people))


async def _learn(graph: Graph, people: int) -> tuple[list[Pass], float]:
    try:
        await migrate(graph)
        await warm_up(graph, say)
        began = time.perf_counter()
        stored, _ = await store(graph, BRAND, _orders(people))
        rate = stored / (time.perf_counter() - began)
        passes = [await _run(graph, "everybody"), await _run(graph, "again, nothing changed")]
        await store(graph, BRAND, _orders(min(CHANGED, people), run=1))
        passes.append(await _run(graph, f"again, {min(CHANGED, people)} ordered"))
        return passes, rate
    finally:
        await graph.close()


def report(passes: list[Pass], people: int, rate: float) -> str:
    """The table."""
    rows: list[tuple[str, ...]] = [("predictions of", "built", "scored", "set aside", "seconds", "profiles/s", "peak memory")]
    for one in passes:
        counts = (f"{one.did[what]:,}" for what in ("built", "scored", "set_aside"))
        rows.append((one.name, *counts, f"{one.seconds:.1f}", f"{people / one.seconds:,.0f}", f"{one.megabytes:.0f} MB"))
    said = f"The brand: {people:,} profiles, filled at {rate:,.0f} events/s. Memory is this process's, not Neo4j's."
    return f"{aligned(rows)}\n\n{said}"


async def _run(graph: Graph, name: str) -> Pass:
    told = began = time.perf_counter()

    def progress(did: Mapping[str, object]) -> None:
        nonlocal told
        if time.perf_counter() - told > TELL_EVERY_S:
            told = time.perf_counter()
            say(f"  {name}: {dict(did)}")

    _count_the_peak_from_now()
    did = await predict(graph, BRAND, NOW, progress)
    return Pass(name, did, time.perf_counter() - began, _peak_kilobytes() / 1024)


def _count_the_peak_from_now() -> None:
    CLEAR.write_text("5", encoding="ascii")


def _peak_kilobytes() -> int:
    return next(int(line.split()[1]) for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))


def _orders(people: int, run: int = 0) -> Iterator[Event]:
    """Orders of people who buy at rates of their own; two each on average."""
    rng = random.Random(run)
    for person in range(people):
        at, rate = rng.uniform(0, DAYS * 0.8), rng.uniform(20, 200)
        number = 0
        while at < DAYS and number < 12:
            yield _order(person, f"{run}-{person}-{number}", at, rng)
            at, number = at + rng.expovariate(1 / rate), number + 1
            if run:
                break


def _order(person: int, order_id: str, day: float, rng: random.Random) -> Event:
    at = FIRST_DAY + timedelta(days=day)
    product = int(PRODUCTS * rng.random() ** 2)
    return Event(
        brand_id=BRAND,
        event_id=event_id(BRAND, "bench", order_id),
        delivery_id=stable_id(BRAND, "delivery", order_id),
        source="bench",
        type="purchase",
        occurred_at=at,
        received_at=at,
        identifiers=(Identifier("email", f"p{person}@example.net"),),
        total=Money(rng.randrange(500, 20_000), "USD"),
        order_id=order_id,
        items=(Item(f"P{product}", f"Product {product}", f"Kind {product % 12}", "10.00", 1),),
    )
