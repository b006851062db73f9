"""Undo of a large component, explanations, and a dry run of other rules over a whole brand. `make bench ARGS="--identity"`."""

import asyncio
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.events import Event, Money, event_id, stable_id
from app.domain.identifiers import Identifier
from app.domain.rules import Rules
from app.graph.deciding import Decision
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j
from app.graph.evidence import evidence_of_pair
from app.graph.migrations import migrate
from app.graph.rulebook import RuleBook
from app.ingest.warm_up import warm_up
from app.resolve.cut import separating
from app.resolve.explain import explain_pair
from app.review.rehearse import Rehearsal
from app.review.rule_versions import create_version
from app.review.undo import redo_merge, undo_merge
from app.running import settle_memory
from app.settings import Settings
from bench.fill import TELL_EVERY_S, store
from bench.processes import BenchError, say
from bench.report import aligned, quantile

START = datetime(2024, 1, 1, tzinfo=UTC)
LARGE = 10_000  # events of the component that is taken apart
UNDOS = 5
PAIRS = 300
RULES = Rules()


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds of each undo and each explanation; of the dry run how many people a second, its differences, megabytes."""

    undos: tuple[float, ...]
    explanations: tuple[float, ...]
    people: int
    per_s: float
    differences: dict[str, int]
    megabytes: float


def identity(people: int) -> Found:
    """Fills two brands, and measures one after the other."""
    with tempfile.TemporaryDirectory(prefix="constintel-bench-") as folder:
        say("starting Neo4j ...")
        with EmbeddedNeo4j(Path(folder) / "home", Settings().engine_dir) as address:
            graph = Graph.connect(address.uri, address.username, address.password)
            return asyncio.run(_measured(graph, people))


def report(found: Found) -> str:
    """The table."""
    undos, explained = sorted(found.undos), sorted(found.explanations)
    rows = [
        ("what", "median", "most", "wanted"),
        (f"undo in a component of {LARGE:,} events", f"{statistics.median(undos):.2f} s", f"{undos[-1]:.2f} s", "2 s"),
        (
            f"explain, {len(explained)} pairs (most: p95)",
            f"{statistics.median(explained) * 1000:.0f} ms",
            f"{quantile(explained, 0.95) * 1000:.0f} ms",
            "50 ms",
        ),
    ]
    dry = f"Dry run of {found.people:,} people: {found.per_s:,.0f} a second, {found.megabytes:.0f} MB at the most"
    return f"{aligned(rows)}\n\n{dry}; it found {found.differences}."


async def _measured(graph: Graph, people: int) -> Found:
    try:
        await migrate(graph)
        settle_memory()  # this and the warm-up as the service does
        await warm_up(graph)
        undos = await _undos(graph)
        say(f"filling a brand of {people:,} people ...")
        await store(graph, "many", _many(people))
        explanations = await _explanations(graph, people)
        return Found(undos, explanations, people, *await _dry_run(graph, people))
    finally:
        await graph.close()


async def _undos(graph: Graph) -> tuple[float, ...]:
    """Two people of one component, merged by an event in the middle of their history."""
    say(f"filling a component of {LARGE:,} events ...")
    _, merge_id = await store(graph, "large", _large(LARGE))
    assert merge_id is not None
    took = []
    for turn in range(UNDOS):
        decision = _decision("large")
        took.append(await _timed(lambda at=decision: undo_merge(graph, at, merge_id)))  # type: ignore[misc]
        say(f"  undo {turn + 1}: {took[-1]:.2f} s")
        await redo_merge(graph, _decision("large"), merge_id)
    return tuple(took)


async def _explanations(graph: Graph, people: int) -> tuple[float, ...]:
    """Pairs that are one person by a merge, and pairs that are two."""
    say(f"explaining {PAIRS} pairs ...")
    took = []
    for n in range(PAIRS):
        one = n % (people // 2)
        pair = (_founded(one, 0), _founded(one, 1) if n % 2 else _founded(one + 1, 0))

        async def explain(pair: tuple[str, str] = pair) -> None:
            read = await evidence_of_pair(graph, "many", *pair)
            if read.unknown:
                raise BenchError(f"{read.unknown} should be there")
            cut = separating(read.component, *pair, RULES) if read.component else None
            explain_pair(*pair, read.evidence, RULES, cut)

        took.append(await _timed(explain))
    return tuple(took)


async def _dry_run(graph: Graph, people: int) -> tuple[float, dict[str, int], float]:
    """One mail a person, where half of the people have two."""
    say("a dry run ...")
    book = RuleBook(RULES)
    rehearsal = Rehearsal(graph, book, "USD", grace_s=0)
    decision = _decision("many")
    version = await create_version(graph, decision, Rules(limits={"email": 1}), "0")
    run_id = await rehearsal.dry_run(decision, version)
    told = time.perf_counter()

    def progress(numbers: object) -> None:
        nonlocal told
        if time.perf_counter() - told > TELL_EVERY_S:
            told = time.perf_counter()
            say(f"  {numbers}")

    seconds = await _timed(lambda: rehearsal.go_on("many", progress))
    run = await rehearsal.find("many", run_id)
    if run["status"] != "done" or run["looked_at"] != people:
        raise BenchError(f"the dry run did not look at everybody: {run}")
    found = {kind: count for kind, count in run["differences"].items() if count}
    return people / seconds, found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _large(count: int) -> Iterator[Event]:
    for n in range(count):
        both = ("email", "phone") if n == count // 2 else (("email",), ("phone",))[n % 2]
        yield _event("large", n, [Identifier(name, "447700900001" if name == "phone" else "a@example.net") for name in both])


def _many(people: int) -> Iterator[Event]:
    """Three events a person: half of them were two, whom a card made one."""
    for n in range(people):
        yield _event("many", 3 * n, [Identifier("email", f"p{n}@example.net"), Identifier("loyalty_id", f"L{n}")])
        other = "q" if n % 2 else "p"
        yield _event("many", 3 * n + 1, [Identifier("email", f"{other}{n}@example.net")])
        yield _event("many", 3 * n + 2, [Identifier("email", f"{other}{n}@example.net"), Identifier("loyalty_id", f"L{n}")])


def _founded(person: int, which: int) -> str:
    """The id of a person of `_many`: the first, or (where there were two) the second of them."""
    number = 2 * person + 1
    return stable_id("many", "profile", event_id("many", "bench", str(3 * number + which)))


def _event(brand_id: str, n: int, identifiers: list[Identifier]) -> Event:
    at = START + timedelta(minutes=n)
    return Event(
        brand_id=brand_id,
        event_id=event_id(brand_id, "bench", str(n)),
        delivery_id=stable_id(brand_id, "delivery", str(n)),
        source="bench",
        type="purchase",
        occurred_at=at,
        received_at=at,
        identifiers=tuple(identifiers),
        total=Money(1_000, "USD"),
        order_id=str(n),
    )


def _decision(brand_id: str) -> Decision:
    return Decision(brand_id, "bench", datetime.now(UTC), uuid.uuid4().hex, currency="USD", book=RuleBook(RULES))
