"""The runner: one run of a job at a time over all replicas, taken over when its process is gone, with a history."""

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from neo4j import AsyncDriver

from app.act.jobs import KEPT_RUNS, Job, Pause, Progress, Runner
from app.domain.errors import BadInput, JobLost, JobRunning, Unavailable, Unprocessable
from app.graph.driver import Graph
from tests.api.conftest import driver  # noqa: F401 - a fixture

AT = datetime(2024, 4, 1, tzinfo=UTC)
LEASE_S = 0.4
RAN_OUT = "MATCH (l:JobLease {key: $key}) SET l.until = 0"
FIRST = (253_402_300_799_999, "")


class Slow:
    """Work that says when it began and ends when it is told to."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()
        self.times = 0
        self.stopped = False

    async def __call__(self, brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        self.times += 1
        self.began.set()
        progress({"seen": 7})
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            self.stopped = True
            raise
        return {"touched": 1}


class Time:
    """Between two renewals: it stands still until it is told to go on."""

    def __init__(self) -> None:
        self._pausing = asyncio.Semaphore(0)
        self._over = asyncio.Semaphore(0)

    async def __call__(self, _: float) -> None:
        self._pausing.release()
        await self._over.acquire()

    async def pausing(self) -> None:
        await self._pausing.acquire()

    def goes_on(self) -> None:
        self._over.release()


def runner(graph: Graph, slow: Slow, lease_s: float = 600.0, pause: Pause = asyncio.sleep) -> Runner:
    return Runner(graph, {"slow": Job(slow, "Waits."), "other": Job(slow, "Waits as well.", lease="slow")}, lease_s, pause)


async def lease(driver: AsyncDriver, brand_id: str) -> int:  # noqa: F811
    found = await driver.execute_query("MATCH (l:JobLease {key: $key}) RETURN l.until AS until", {"key": f"{brand_id}|slow"})
    return int(found.records[0]["until"])


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
    """Nothing here waits for a lease: its end is set as if time had passed, or the clock between renewals is moved by hand."""
    slow, time = Slow(), Time()
    gone = asyncio.create_task(runner(graph, slow, pause=time).run("slow", brand_id, AT))
    await slow.began.wait()
    await time.pausing()
    held_until = await lease(driver, brand_id)
    await driver.execute_query(RAN_OUT, {"key": f"{brand_id}|slow"})
    time.goes_on()
    await time.pausing()
    assert await lease(driver, brand_id) >= held_until, "renewed while it runs"
    other = runner(graph, Slow())
    with pytest.raises(JobRunning):
        await other.run("slow", brand_id, AT, wait_s=0)
    # As if the process had been killed: it renewed nothing more, and nobody noted an end.
    await driver.execute_query(RAN_OUT, {"key": f"{brand_id}|slow"})
    again = Slow()
    again.may_end.set()
    assert await runner(graph, again).run("slow", brand_id, AT, wait_s=0, pause_s=3_600) == {"touched": 1}, "due at once"
    time.goes_on()
    with pytest.raises(JobLost):
        await gone
    newest, oldest = await other.history("slow", brand_id, FIRST, 10)
    assert (newest["status"], oldest["status"]) == ("done", "interrupted")


async def test_who_lost_the_lease_stops(graph: Graph, brand_id: str, driver: AsyncDriver) -> None:  # noqa: F811
    slow, time = Slow(), Time()
    one = runner(graph, slow, pause=time)
    lost = asyncio.create_task(one.run("slow", brand_id, AT))
    await slow.began.wait()
    await driver.execute_query("MATCH (l:JobLease {key: $key}) SET l.run = 'another'", {"key": f"{brand_id}|slow"})
    await time.pausing()
    time.goes_on()
    with pytest.raises(JobLost):
        await lost
    [run] = await one.history("slow", brand_id, FIRST, 10)
    assert (run["status"], run["result"]) == ("interrupted", {"seen": 7})


async def test_nobody_works_on_past_the_lease() -> None:
    """A graph that answers no renewal: the last pause ends with the lease, and so does the work."""

    class Silent:
        async def change(self, name: str, patience_s: float | None = None, **_: object) -> list[dict[str, object]]:
            if name == "act/job_renew":
                raise Unavailable("no answer")
            return [{}]

    asked: list[float] = []

    async def pause(seconds: float) -> None:
        asked.append(seconds)
        await asyncio.sleep(min(seconds, LEASE_S / 5))

    loop, slow = asyncio.get_running_loop(), Slow()
    began = loop.time()
    with pytest.raises(JobLost):
        await runner(Silent(), slow, lease_s=LEASE_S, pause=pause).run("slow", "b", AT)  # type: ignore[arg-type]
    passed = loop.time() - began
    assert all(seconds <= LEASE_S / 4 + 0.001 for seconds in asked)
    left = LEASE_S
    for seconds in asked:
        assert seconds <= left, "no pause is longer than what is left"
        left -= LEASE_S / 5
    assert passed >= LEASE_S
    assert slow.stopped


async def test_a_run_that_nobody_waits_for_is_there_at_once(graph: Graph, brand_id: str) -> None:
    slow = Slow()
    one = runner(graph, slow)
    run_id = await one.run_alongside("slow", brand_id, AT)
    [run] = await one.history("slow", brand_id, FIRST, 10)
    assert (run["run_id"], run["status"]) == (run_id, "running")
    with pytest.raises(JobRunning):
        await one.run_alongside("other", brand_id, AT)
    await slow.began.wait()
    await one.close()
    [run] = await one.history("slow", brand_id, FIRST, 10)
    assert run["status"] == "interrupted"
    assert slow.stopped, "it was waited for"
    slow.may_end.set()
    assert await one.run("slow", brand_id, AT, wait_s=0, pause_s=3_600) == {"touched": 1}, "due at once"
    with pytest.raises(JobRunning):
        await one.run("slow", brand_id, AT, wait_s=0, pause_s=3_600)


async def test_a_clock_that_was_wrong_holds_no_job_back(graph: Graph, brand_id: str, driver: AsyncDriver) -> None:  # noqa: F811
    """A day ahead for a moment, and killed then: no run was due for a day, and nobody said so."""
    slow = Slow()
    slow.may_end.set()
    one = runner(graph, slow)
    await one.run("slow", brand_id, AT)
    ahead = """
        MATCH (r:JobRun {brand_id: $brand}) SET r.started_at = datetime() + duration({days: 1})
        WITH r MATCH (l:JobLease {key: $brand + '|slow'}) SET l.until = r.started_at.epochMillis
    """
    await driver.execute_query(ahead, {"brand": brand_id})
    assert await one.run("slow", brand_id, AT, wait_s=0, pause_s=3_600) == {"touched": 1}
    with pytest.raises(JobRunning):
        await one.run("slow", brand_id, AT, wait_s=0, pause_s=3_600)


async def test_a_clock_far_ahead_of_ours_is_refused(graph: Graph, brand_id: str) -> None:
    slow = Slow()
    slow.may_end.set()
    one = runner(graph, slow)
    with pytest.raises(Unprocessable, match="before 1970"):
        await runner(graph, slow).run("slow", brand_id, datetime.fromisoformat("0001-01-01T00:00:00+14:00"))
    with pytest.raises(Unprocessable, match="ahead"):
        await one.run("slow", brand_id, datetime.now(UTC) + timedelta(days=2, minutes=1))
    assert await one.run("slow", brand_id, datetime.now(UTC) + timedelta(days=2, minutes=-1)) == {"touched": 1}


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


@pytest.mark.parametrize("fails", [True, False])
async def test_who_failed_is_due_again_within_the_hour(graph: Graph, brand_id: str, driver: AsyncDriver, fails: bool) -> None:  # noqa: F811
    """A training that met a restart of the database else waits a week for its next try, and scores a day."""

    async def work(brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        if fails:
            raise BadInput("this and that")
        return {}

    one = Runner(graph, {"weekly": Job(work, "Trains.")})
    outcome = pytest.raises(BadInput) if fails else nullcontext()
    with outcome:
        await one.run("weekly", brand_id, AT)
    with pytest.raises(JobRunning):
        await one.run("weekly", brand_id, AT, wait_s=0, pause_s=604_800)
    await driver.execute_query(
        "MATCH (r:JobRun {brand_id: $brand}) SET r.started_at = r.started_at - duration({minutes: 61})", {"brand": brand_id}
    )
    with pytest.raises(BadInput if fails else JobRunning):
        await one.run("weekly", brand_id, AT, wait_s=0, pause_s=604_800)


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
