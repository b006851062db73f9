"""The measurements: interleaved rounds, so that whatever the machine does meanwhile happens to everyone."""

import asyncio
import itertools
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.ceiling_driver import BATCH, WRITERS, prepare, write_all
from bench.processes import ROOT, BenchError, cpu_seconds, say
from bench.report import Figures, Series
from bench.stage import HTTP_CEILING, PEER, SERVICE, Server, Stage

BRAND = "bench"
DRIVER_CEILING = "ceiling: Neo4j driver, no logic"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How the bare driver writes: so many writers, each so many events a transaction."""

    writers: int
    batch: int

    @property
    def at(self) -> str:
        return f"{self.writers} ({self.batch} a tx)"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long: seconds of each measurement and of its warm-up, how many rounds, events of one driver measurement."""

    seconds: float
    warm: float
    rounds: int
    settle: float
    driver_events: int
    connections: tuple[int, ...] = (1, 32)

    def ceilings(self, connections: int) -> tuple[Ceiling, ...]:
        """One event a transaction where one connection is compared. Where most are: the driver's best, and transactions as full
        as so many connections can make two."""
        if connections == 1:
            return (Ceiling(1, 1),)
        full = Ceiling(WRITERS, connections // WRITERS)
        return (full, Ceiling(WRITERS, BATCH)) if connections == max(self.connections) else ()


@dataclass(frozen=True, slots=True)
class Load:
    """One call of the load generator; `options` are further arguments of it."""

    connections: int
    run: int
    seconds: float
    warm: float
    brand: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurements:
    """What came of it, and every failed request."""

    series: list[Series]
    failures: list[str]


def measure(stage: Stage, plan: Plan) -> Measurements:
    """Warms everybody up, then measures each in turn, round after round."""
    numbers = itertools.count(1)
    seen: dict[tuple[str, str, int], list[Figures]] = defaultdict(list)
    failures: list[str] = []
    names = [name for name in (SERVICE, PEER) if name in stage.servers]
    for name in names:
        say(f"warming up {name} for {plan.settle:.0f} s ...")
        loaded(name, stage.servers[name], Load(32, next(numbers), plan.settle, 0.0, BRAND), acked_file(stage, name), failures)
    for round_number, connections in itertools.product(range(1, plan.rounds + 1), plan.connections):
        for name in (*names, HTTP_CEILING):
            load = Load(connections, next(numbers), plan.seconds, plan.warm, BRAND)
            figures = loaded(name, stage.servers[name], load, acked_file(stage, name), failures)
            seen[name, str(connections), connections].append(figures)
            _tell(round_number, name, str(connections), figures)
        for ceiling in plan.ceilings(connections):
            figures = asyncio.run(_driven(stage, ceiling, numbers, plan.driver_events))
            seen[DRIVER_CEILING, ceiling.at, connections].append(figures)
            _tell(round_number, DRIVER_CEILING, ceiling.at, figures)
    series = [Series(name, at, connections, tuple(rounds)) for (name, at, connections), rounds in seen.items()]
    return Measurements(series, failures)


def acked_file(stage: Stage, name: str) -> Path:
    return stage.folder / f"acked-{list(stage.servers).index(name)}.txt"


def loaded(name: str, server: Server, load: Load, acked: Path, failures: list[str]) -> Figures:
    """Runs the load generator and says what came of it; a request that failed goes to `failures`. Raises BenchError."""
    command = [
        sys.executable, "-m", "bench.load", "--url", server.url, "--connections", str(load.connections),
        "--seconds", str(load.seconds), "--warm", str(load.warm), "--run", str(load.run), "--brand", load.brand,
        "--acked", str(acked), *load.options,
    ]  # fmt: skip
    before = cpu_seconds(server.pids)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    cpu = cpu_seconds(server.pids) - before
    if not done.stdout.startswith("{"):
        raise BenchError(f"the load generator failed: {done.stderr[-2000:]}")
    result = orjson.loads(done.stdout)
    if result["failed"]:
        failures.append(f"{name}: {result['failed']:,} requests failed, such as {result['failures'][0]}")
    return Figures(
        result["events_per_s"], result["p50_ms"], result["p95_ms"], result["p99_ms"], cpu * 1000 / max(result["acked"], 1)
    )


async def _driven(stage: Stage, ceiling: Ceiling, numbers: Iterator[int], events: int) -> Figures:
    # A lone writer commits each event, which takes ten times as long.
    each = events // (20 if ceiling.batch == 1 else ceiling.writers) // ceiling.batch * ceiling.batch
    pids = stage.servers[SERVICE].pids
    runs = [next(numbers) for _ in range(ceiling.writers)]
    prepared = [await prepare(f"ceiling-{run}", run, each, ceiling.batch) for run in runs]
    async with stage.driver() as driver:
        await driver.verify_connectivity()
        before = cpu_seconds(pids) + time.process_time()
        written = await write_all(driver, prepared, ceiling.batch)
        cpu = cpu_seconds(pids) + time.process_time() - before
    return Figures.of(written.events_per_s, written.latencies_ms, cpu * 1000 / (each * ceiling.writers))


def _tell(round_number: int, name: str, at: str, figures: Figures) -> None:
    say(f"round {round_number}  {at:>12}  {name:<34} {figures.events_per_s:>8,.0f} events/s")
