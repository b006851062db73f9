"""The clock that drives the jobs: APScheduler's timers, the runner's leases.

Each replica has a scheduler. Whoever comes first runs a brand's job; the others find that it began lately and leave it. A run by
hand counts as well. Nothing runs as soon as the service starts.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from time import time

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.act.jobs import Runner
from app.domain.errors import ConstIntelError, JobRunning
from app.graph.driver import Graph

log = logging.getLogger(__name__)

CLOCK_LOOK_S = 30.0
AT_ONCE = 200  # brands read in one step
SOONER = 0.9  # a run may come so much sooner than its interval, so that timers that drift do not leave one out

Brands = Callable[[], AsyncIterator[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """These jobs, one after the other, for each brand whose last run of them is `every_s` old; looked for each `look_s`."""

    names: tuple[str, ...]
    every_s: float
    look_s: float


MINUTE, HOUR, DAY, WEEK = 60.0, 3_600.0, 86_400.0, 604_800.0

# `automations` looks after carts too.
SCHEDULE = (
    Entry(("outbox",), MINUTE, MINUTE),
    Entry(("rules",), MINUTE, MINUTE),  # only what a process that ended left under way
    Entry(("automations",), 5 * MINUTE, 5 * MINUTE),
    Entry(("reminders",), 5 * MINUTE, 5 * MINUTE),
    Entry(("maintenance",), HOUR, HOUR),
    # Looked for more often than they run: a service that is restarted each day would else never run them.
    Entry(("features", "predictions"), DAY, HOUR),
    Entry(("training", "drift"), WEEK, HOUR),
)


async def all_brands(graph: Graph) -> AsyncIterator[str]:
    """Every brand there is, in pages."""
    after = ""
    while page := await graph.read("act/brands", after=after, limit=AT_ONCE):
        for row in page:
            yield row["brand_id"]
        after = page[-1]["brand_id"]


class Scheduler:
    """Starts jobs when they are due, until it is closed."""

    def __init__(self, runner: Runner, brands: Brands, schedule: tuple[Entry, ...] = SCHEDULE) -> None:
        self._runner = runner
        self._brands = brands
        self._schedule = schedule
        self._under_way: set[asyncio.Task[None]] = set()
        self._timers = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Sets the timers on the running loop; the first of each goes off after its interval."""
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of each timer otherwise
        for entry in self._schedule:
            self._timers.add_job(self._look, _every(entry), args=[entry], max_instances=1, coalesce=True, misfire_grace_time=None)
        self._timers.start()
        self._under_way.add(asyncio.create_task(self._mind_the_clock()))

    async def close(self) -> None:
        """Stops the timers and what they started; a job that was cut short goes on at its next run."""
        if self._timers.running:
            self._timers.shutdown(wait=False)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _mind_the_clock(self) -> None:
        """Timers go by the wall's clock: put back by an hour, it would keep all of them for that hour. So they are set anew."""
        loop = asyncio.get_running_loop()
        ahead = time() - loop.time()
        while True:
            await asyncio.sleep(CLOCK_LOOK_S)
            before, ahead = ahead, time() - loop.time()
            if ahead < before - CLOCK_LOOK_S:
                for timer in self._timers.get_jobs():
                    timer.reschedule(_every(*timer.args))

    async def _look(self, entry: Entry) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            async for brand_id in self._brands():
                for name in entry.names:
                    await self._run(name, brand_id, entry.every_s * SOONER)
        except ConstIntelError as error:
            log.warning("jobs %s could not be looked for: %s", ", ".join(entry.names), error.detail)
        finally:
            self._under_way.discard(task)

    async def _run(self, name: str, brand_id: str, pause_s: float) -> None:
        if name not in self._runner.jobs:
            return
        try:
            await self._runner.run(name, brand_id, wait_s=0, pause_s=pause_s)
        except JobRunning:
            pass  # somebody else's, or not due
        except ConstIntelError as error:
            log.warning("job %s of brand %s: %s", name, brand_id, error.detail)
        except Exception:  # the next brand has done nothing wrong
            log.exception("job %s of brand %s failed", name, brand_id)


def _every(entry: Entry) -> IntervalTrigger:
    return IntervalTrigger(seconds=entry.look_s, jitter=entry.look_s * 0.05)
