"""The clock: it runs what is due, once over all replicas, never at once, and stops cleanly."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest

from app.act import scheduler
from app.act.jobs import Job, Progress, Runner
from app.act.scheduler import SCHEDULE, Entry, Scheduler, all_brands
from app.domain.errors import BadInput
from app.graph.driver import Graph
from tests.act.conftest import Acting
from tests.conftest import new_brand

FIRST = (253_402_300_799_999, "")


async def test_each_job_runs_once_an_interval_over_all_replicas(graph: Graph) -> None:
    ran: Counter[tuple[str, str]] = Counter()
    bad, good = f"{new_brand()}-a", f"{new_brand()}-b"

    async def work(brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        ran["first", brand_id] += 1
        if brand_id == bad:
            raise BadInput("no")
        return {}

    async def then(brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        assert ran["first", brand_id] > ran["then", brand_id]
        ran["then", brand_id] += 1
        return {}

    async def brands() -> AsyncIterator[str]:
        for brand_id in (bad, good):
            yield brand_id

    jobs = {"first": Job(work, "Comes first."), "then": Job(then, "Comes then.")}
    entry = Entry(("first", "then", "unknown"), every_s=60, look_s=0.5)
    replicas = [Scheduler(Runner(graph, jobs), brands, (entry,)) for _ in range(2)]
    for one in replicas:
        one.start()
    await asyncio.sleep(0.2)
    assert not ran, "never at once"
    async with asyncio.timeout(20):
        while sum(ran.values()) < 4:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.5)
    for one in replicas:
        await one.close()
    assert ran == {(name, brand_id): 1 for name in jobs for brand_id in (bad, good)}


async def test_a_stop_cuts_a_run_short_and_the_history_says_so(graph: Graph, brand_id: str) -> None:
    began = asyncio.Event()

    async def endless(brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        began.set()
        await asyncio.sleep(3_600)
        return {}

    async def brands() -> AsyncIterator[str]:
        yield brand_id

    runner = Runner(graph, {"endless": Job(endless, "Never ends.")})
    one = Scheduler(runner, brands, (Entry(("endless",), 1, 0.1),))
    one.start()
    async with asyncio.timeout(20):
        await began.wait()
        await one.close()
    [run] = await runner.history("endless", brand_id, FIRST, 5)
    assert run["status"] == "interrupted"


async def test_a_clock_that_is_put_back_holds_no_job_back(graph: Graph, brand_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Timers that go by it would wait until it is as late as it was."""
    ran, back = [0], timedelta()

    class Wall(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) - back

    async def work(brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        ran[0] += 1
        return {}

    async def brands() -> AsyncIterator[str]:
        yield brand_id

    for module in ("schedulers.base", "triggers.interval"):
        monkeypatch.setattr(f"apscheduler.{module}.datetime", Wall)
    monkeypatch.setattr(scheduler, "time", lambda: Wall.now().timestamp())
    monkeypatch.setattr(scheduler, "CLOCK_LOOK_S", 0.2)
    one = Scheduler(Runner(graph, {"first": Job(work, "Comes first.")}), brands, (Entry(("first",), every_s=0.1, look_s=0.5),))
    one.start()
    async with asyncio.timeout(20):
        for put_back in (timedelta(), timedelta(hours=1)):
            back, before = put_back, ran[0]
            while ran[0] < before + 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    await one.close()


async def test_all_brands_in_pages(graph: Graph, brand: Acting) -> None:
    await brand.cypher("UNWIND range(1, 450) AS n MERGE (:Brand {brand_id: $brand + '-' + n})")
    found = [one async for one in all_brands(graph) if one.startswith(brand.brand_id)]
    await brand.cypher("UNWIND range(1, 450) AS n MATCH (b:Brand {brand_id: $brand + '-' + n}) DELETE b")
    assert len(found) == len(set(found)) == 450


def test_nothing_is_looked_for_within_the_first_minute() -> None:
    assert min(entry.look_s for entry in SCHEDULE) >= 60
