"""The runner: one run of a job at a time over all replicas, taken over when its process is gone, with a history."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from neo4j import AsyncDriver

from app.act.jobs import KEPT_RUNS, Job, Progress, Runner
from app.domain.errors import BadInput, JobLost, JobRunning
from app.graph.driver import Graph
from tests.api.conftest import driver  # noqa: F401 - a fixture

AT = datetime(2024, 4, 1, tzinfo=UTC)
FIRST = (253_402_300_799_999, "")


class Slow:
    """Work that says when it began and ends when it is told to."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()
        self.times = 0

    async def __call__(self, brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        self.times += 1
        self.began.set()
        progress({"seen": 7})
        await self.may_end.wait()
        return {"touched": 1}


def runner(graph: Graph, slow: Slow, lease_s: float = 60.0) -> Runner:
    return Runner(graph, {"slow": Job(slow, "Waits."), "other": Job(slow, "Waits as well.", lease="slow")}, lease_s)


async def test_a_job_never_overlaps_itself_over_replicas(graph: Graph, brand_id: str) -> None:
    slow = Slow()
    one, two = runner(graph, slow), runner(graph, slow)
    first = asyncio.create_task(one.run("slow", brand_id, AT))
    await slow.began.wait()
    for name in ("slow", "other"):
        with pytest.raises(JobRunning):
            await two.run(name, brand_id, AT, wait_s=0.3)
    second = asyncio.create_task(two.run("slow", brand_id, AT))
    slow.may_end.set()
    assert await first == {"touched": 1}
    assert await second == {"touched": 1}
    assert slow.times == 2
    newest, oldest = await one.history("slow", brand_id, FIRST, 10)
    assert newest["started_at"] >= oldest["finished_at"]
    assert (newest["status"], newest["as_of"], newest["result"]) == ("done", AT, {"touched": 1})


async def test_another_brand_is_another_job(graph: Graph, brand_id: str) -> None:
    slow = Slow()
    both = runner(graph, slow)
    first = asyncio.create_task(both.run("slow", brand_id, AT))
    await slow.began.wait()
    slow.may_end.set()
    assert await both.run("slow", f"{brand_id}-b", AT, wait_s=0) == {"touched": 1}
    await first


async def test_a_run_is_taken_over_when_its_process_is_gone(graph: Graph, brand_id: str, driver: AsyncDriver) -> None:  # noqa: F811
    slow = Slow()
    gone = asyncio.create_task(runner(graph, slow, lease_s=0.4).run("slow", brand_id, AT))
    await slow.began.wait()
    held = runner(graph, slow, lease_s=0.4)
    with pytest.raises(JobRunning):  # it is renewed while it runs, for longer than a lease
        await held.run("slow", brand_id, AT, wait_s=1.2)
    # As if the process had been killed: the lease is another's, and nobody noted an end.
    await driver.execute_query("MATCH (l:JobLease {key: $key}) SET l.until = 0", {"key": f"{brand_id}|slow"})
    slow.may_end.set()
    slow_again = Slow()
    slow_again.may_end.set()
    other = runner(graph, slow_again)
    assert await other.run("slow", brand_id, AT) == {"touched": 1}
    await asyncio.gather(gone, return_exceptions=True)
    newest, *_ = await other.history("slow", brand_id, FIRST, 10)
    assert newest["status"] == "done"


async def test_who_lost_the_lease_stops(graph: Graph, brand_id: str, driver: AsyncDriver) -> None:  # noqa: F811
    slow = Slow()
    one = runner(graph, slow, lease_s=0.4)
    lost = asyncio.create_task(one.run("slow", brand_id, AT))
    await slow.began.wait()
    await driver.execute_query("MATCH (l:JobLease {key: $key}) SET l.run = 'another'", {"key": f"{brand_id}|slow"})
    with pytest.raises(JobLost):
        await lost
    [run] = await one.history("slow", brand_id, FIRST, 10)
    assert (run["status"], run["result"]) == ("interrupted", {"seen": 7})


async def test_the_history_notes_what_went_wrong(graph: Graph, brand_id: str) -> None:
    async def wrong(brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        raise BadInput("this and that")

    one = Runner(graph, {"wrong": Job(wrong, "Fails.")})
    with pytest.raises(BadInput):
        await one.run("wrong", brand_id, AT)
    [run] = await one.history("wrong", brand_id, FIRST, 10)
    assert (run["status"], run["error"]) == ("failed", "this and that")
    with pytest.raises(BadInput):  # the lease was given back
        await one.run("wrong", brand_id, AT, wait_s=0)
    with pytest.raises(JobRunning):
        await one.run("wrong", brand_id, AT, wait_s=0, pause_s=60)


async def test_old_runs_are_let_go(graph: Graph, brand_id: str, driver: AsyncDriver) -> None:  # noqa: F811
    slow = Slow()
    slow.may_end.set()
    await driver.execute_query(
        "UNWIND range(1, 150) AS n CREATE (:JobRun {key: $brand + '|run|' + n, brand_id: $brand, run_id: toString(n), "
        "job: 'slow', status: 'done', started_at: datetime({epochMillis: n}), as_of: datetime({epochMillis: n})})",
        {"brand": brand_id},
    )
    one = runner(graph, slow)
    await one.run("slow", brand_id, AT)
    found = await one.history("slow", brand_id, FIRST, 1000)
    assert len(found) == KEPT_RUNS
    assert found[-1]["run_id"] == "52"
