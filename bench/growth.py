"""Growth: does an event, or a question, cost more when the graph is large? `make bench ARGS="--growth"`.

At each size the graph is filled with people who ordered once. Then orders come, of three kinds: from new people; from a few
known ones, again and again; and from cold ones, picked among all and not seen since the filling. Then people are looked
at while others write. Memory and disk are read in between.
"""

import asyncio
import contextlib
import itertools
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from app.graph.embedded import EmbeddedNeo4j
from app.settings import Settings
from bench.bodies import Customers, Orders
from bench.fill import fill
from bench.processes import say
from bench.reads import read
from bench.report import Figures, aligned
from bench.rounds import Load, loaded
from bench.stage import SERVICE, Server, driver_of, service
from bench.verify import Acked, complaints, stored_in_graph

BRAND = "growth"
FILL_RUN = 99
HOT = 1_000
CONNECTIONS, WRITERS_BESIDE_READERS = 32, 8
NEW, KNOWN, COLD = "orders of new people", "orders of known people", "orders of cold people"


@dataclass(frozen=True, slots=True)
class Growth:
    """Sizes in profiles, smallest first; connections tried at the largest; seconds of each measurement and warm-up.

    Before the smallest size known people order for `settle` seconds: Java's compiler would make it dearer than it is.
    """

    profiles: tuple[int, ...]
    connections: tuple[int, ...]
    seconds: float
    warm: float
    settle: float


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement at one size. `cost` is against the smallest size: of processor time, for a question of its p50."""

    what: str
    profiles: int
    connections: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure that is no latency, as people read it."""

    what: str
    profiles: int
    value: str


@dataclass(frozen=True, slots=True)
class Grown:
    """All of it, and every complaint about what is stored."""

    rows: list[Row]
    facts: list[Fact]
    wrong: list[str]


@dataclass(slots=True)
class Garden:
    """What is grown in: the running service, its home, and where every acknowledged order is written down."""

    home: Path
    acked: Path
    server: Server
    runs: Iterator[int]
    failures: list[str]

    def measure(self, connections: int, growth: Growth, *options: str) -> Figures:
        load = Load(connections, next(self.runs), growth.seconds, growth.warm, BRAND, options)
        return loaded(SERVICE, self.server, load, self.acked, self.failures)


def grow(growth: Growth) -> Grown:
    """Starts a service of its own, fills and measures at each size, starts it again, verifies. Raises BenchError."""
    rows: list[Row] = []
    facts: list[Fact] = []
    with tempfile.TemporaryDirectory(prefix="constintel-growth-") as folder:
        home, acked = Path(folder) / "home", Path(folder) / "acked.txt"
        with _started("first start, empty home", 0, home, facts):
            pass
        empty = _store_bytes(home)
        with _started("start, empty home", 0, home, facts) as server:
            garden = Garden(home, acked, server, itertools.count(1), [])
            orders = Orders(FILL_RUN, repeat=0.0)
            for profiles in growth.profiles:
                facts.append(_filled(garden, orders, profiles))
                if profiles == growth.profiles[0]:
                    _settle(garden, profiles, growth)
                rows += _measured(garden, profiles, growth)
                facts += _memory(garden, profiles)
            rows += _connections(garden, growth)
            wrong = [*garden.failures, *asyncio.run(_verified(garden))]
        events = len(Acked.read(acked).entries)
        each = (_store_bytes(home) - empty) / events
        facts.append(Fact(f"disk for an event, of {events:,}, with its person", growth.profiles[-1], f"{each / 1024:,.1f} KB"))
        with _started("start, full home", growth.profiles[-1], home, facts):
            pass
    return Grown(rows, facts, wrong)


@contextlib.contextmanager
def _started(what: str, profiles: int, home: Path, facts: list[Fact]) -> Iterator[Server]:
    """The service for as long as the block lasts; how long it took until it was ready is a fact."""
    began = time.perf_counter()
    with service(home.parent, home, None) as server:
        facts.append(Fact(what, profiles, f"{time.perf_counter() - began:.1f} s"))
        yield server


def _filled(garden: Garden, orders: Orders, profiles: int) -> Fact:
    """Grows the graph to `profiles` people of the filling, each with one order."""
    say(f"filling up to {profiles:,} profiles ...")
    rate = asyncio.run(fill(garden.home, BRAND, orders, profiles - orders.customers, garden.acked))
    return Fact("filling, one writer, no HTTP", profiles, f"{rate:,.0f} events/s")


def _store_bytes(home: Path) -> int:
    """The store without its transaction logs, which are bounded. Neo4j must have stopped: only then is all of it written."""
    store = home / "neo4j" / "data" / "databases"
    return sum(path.stat().st_blocks * 512 for path in store.rglob("*") if path.is_file())


def _measured(garden: Garden, profiles: int, growth: Growth) -> list[Row]:
    known, cold = _known(profiles), Customers(FILL_RUN, profiles)
    kinds = ((NEW, ("--repeat", "0")), (KNOWN, _returning(known)), (COLD, _returning(cold)))
    rows = []
    for what, options in kinds:
        rows.append(Row(what, profiles, CONNECTIONS, garden.measure(CONNECTIONS, growth, *options)))
        _tell(rows[-1])
    for what, figures in asyncio.run(_read_while_writing(garden, cold, growth)).items():
        rows.append(Row(f"{what}, while {WRITERS_BESIDE_READERS} write", profiles, 1, figures))
        _tell(rows[-1])
    return rows


def _settle(garden: Garden, profiles: int, growth: Growth) -> None:
    say(f"warming up for {growth.settle:.0f} s ...")
    garden.measure(CONNECTIONS, replace(growth, seconds=growth.settle, warm=0.0), *_returning(_known(profiles)))


def _known(profiles: int) -> Customers:
    return Customers(FILL_RUN, min(HOT, profiles))


def _returning(among: Customers) -> tuple[str, ...]:
    return ("--repeat", "1", "--among", f"{among.run}:{among.count}")


async def _read_while_writing(garden: Garden, among: Customers, growth: Growth) -> dict[str, Figures]:
    writing = asyncio.create_task(asyncio.to_thread(garden.measure, WRITERS_BESIDE_READERS, growth))
    figures = await read(garden.server.url, BRAND, among, growth.warm, growth.seconds)
    await writing
    return figures


def _connections(garden: Garden, growth: Growth) -> list[Row]:
    """Half known, half new, as shops are, at the largest size."""
    rows = []
    for connections in growth.connections:
        rows.append(Row("orders, half from known people", growth.profiles[-1], connections, garden.measure(connections, growth)))
        _tell(rows[-1])
    return rows


def _memory(garden: Garden, profiles: int) -> list[Fact]:
    database = EmbeddedNeo4j(garden.home, Settings().engine_dir).status().pid
    root = psutil.Process(garden.server.pids[0])
    ours = sum(one.memory_info().rss for one in (root, *root.children(recursive=True)) if one.pid != database)
    facts = [Fact("memory of the service, its readers included", profiles, f"{ours / 2**20:,.0f} MB")]
    if database is not None:
        theirs = psutil.Process(database).memory_info().rss
        facts.append(Fact("memory of Neo4j", profiles, f"{theirs / 2**20:,.0f} MB"))
    return facts


async def _verified(garden: Garden) -> list[str]:
    say("verifying what is stored ...")
    async with driver_of(garden.home) as driver:
        entries, totals = await stored_in_graph(driver, BRAND)
    return complaints(Acked.read(garden.acked), entries, totals)


def tables(grown: Grown) -> str:
    """Both tables, as Markdown that also reads well in a terminal."""
    smallest = {row.what: row.figures for row in reversed(grown.rows)}
    measured: list[tuple[str, ...]] = [
        ("", "profiles", "connections", "events/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "x smallest")
    ]
    measured += [_line(row, smallest[row.what]) for row in grown.rows]
    facts = [("", "profiles", "value"), *((fact.what, f"{fact.profiles:,}", fact.value) for fact in grown.facts)]
    return f"{aligned(measured)}\n\n{aligned(facts)}"


def _line(row: Row, least: Figures) -> tuple[str, ...]:
    one = row.figures
    cost = one.cpu_ms / least.cpu_ms if least.cpu_ms else one.p50_ms / least.p50_ms if least.p50_ms else 0.0
    return (
        row.what,
        f"{row.profiles:,}",
        str(row.connections),
        f"{one.events_per_s:,.0f}",
        *(f"{value:.1f}" for value in (one.p50_ms, one.p95_ms, one.p99_ms)),
        f"{one.cpu_ms:.2f}" if one.cpu_ms else "",
        f"{cost:.2f}",
    )


def _tell(row: Row) -> None:
    rate, middle, late = f"{row.figures.events_per_s:,.0f}", f"{row.figures.p50_ms:.1f}", f"{row.figures.p99_ms:.1f}"
    say(f"{row.profiles:>8,} profiles  {row.what:<38} {rate:>8} /s  p50 {middle} ms  p99 {late} ms")
