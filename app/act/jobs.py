"""Runs jobs: named work over one brand that never overlaps itself, whichever replica does it, and leaves a history.

A lease in the graph says who runs what. It is renewed while the job runs and taken over once it has expired, so a killed
process holds nothing up for longer than one lease; whatever it left half done, the next run goes on with.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from app.domain.cursors import Place
from app.domain.errors import ConstIntelError, JobLost, JobRunning, NotFound, Unavailable, Unprocessable
from app.domain.progress import Progress
from app.domain.times import EARLIEST_YEAR, LATEST_AHEAD, whole_milliseconds
from app.graph.driver import PATIENCE_S, Graph
from app.graph.listing import Newest
from app.graph.rows import Row, key, millis, moment

log = logging.getLogger(__name__)

Pause = Callable[[float], Awaitable[object]]
Work = Callable[[str, datetime, Progress], Awaitable[Mapping[str, object]]]

RUN_LIST = Newest("runs", "started_at", "run_id")
KEPT_RUNS = 100
POLL_S = 0.25
RENEWALS = 4  # within one lease
BEGINNING = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)
AHEAD = 2 * LATEST_AHEAD  # how far a job's clock may be ahead of ours: whatever an event tells can be tried to its end
END_TRIES = 3
AGAIN_S = 3_000.0  # after a run that failed; less than the hour between two looks of the clock


@dataclass(frozen=True, slots=True)
class Job:
    """`work(brand_id, as_of, progress)` gives what it did, as numbers. Jobs that share a `lease` exclude each other."""

    work: Work
    says: str
    lease: str = ""


@dataclass(slots=True)
class _Run:
    """One run under way: the keys of its nodes, how far it came, and until when (the loop's time) the lease is surely ours."""

    brand_id: str
    job: str
    run_id: str
    lease: str
    as_of: datetime
    came: Mapping[str, object] = field(default_factory=dict)
    sure_until: float = 0.0

    @property
    def named(self) -> dict[str, str]:
        return {"brand_id": self.brand_id, "job": self.job, "lease": self.lease, "run": key(self.brand_id, "run", self.run_id)}


class Runner:
    """Every job by name, over one graph. `lease_s` is how long a silent process keeps a job to itself; `pause` is what lets time
    pass between two renewals."""

    def __init__(self, graph: Graph, jobs: Mapping[str, Job], lease_s: float = 60.0, pause: Pause = asyncio.sleep) -> None:
        self.jobs = dict(jobs)
        self._graph = graph
        self._lease_s = lease_s
        self._pause = pause
        self._running: set[asyncio.Task[None]] = set()

    def job(self, name: str) -> Job:
        """Raises NotFound, naming those that there are."""
        found = self.jobs.get(name)
        if found is None:
            raise NotFound(f"no job {name[:40]!r}; the jobs are {', '.join(self.jobs)}")
        return found

    async def run(
        self, name: str, brand_id: str, as_of: datetime | None = None, wait_s: float = 5.0, pause_s: float = 0.0
    ) -> Mapping[str, object]:
        """Runs a job with its clock at `as_of` (now, unless told), and gives what it did.

        Raises JobRunning when another run keeps the lease for longer than `wait_s`, or (with `pause_s`) one began more lately
        than that, or than AGAIN_S if it failed; NotFound for a job that there is none of; Unprocessable for a clock that is ahead
        of ours; and what the job raises, which the history notes.
        """
        run = await self._begun(name, brand_id, as_of, wait_s, pause_s)
        return await self._held(run)

    async def run_alongside(self, name: str, brand_id: str, as_of: datetime | None, wait_s: float = 0.0) -> str:
        """Begins a run that nobody waits for, and gives its id: the history shows it from now on, and what comes of it.

        Raises as `run`.
        """
        run = await self._begun(name, brand_id, as_of, wait_s, pause_s=0)
        task = asyncio.create_task(self._logged(run))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return run.run_id

    async def close(self) -> None:
        """Ends the runs that nobody waits for; the next run of each goes on where it stopped."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def history(self, name: str, brand_id: str, place: Place, limit: int) -> list[Row]:
        """Runs of a job from behind `place` (when one began, in epoch milliseconds, and its id), the newest first."""
        self.job(name)
        return (await self._runs([name], brand_id, place, limit))[name]

    async def latest(self, brand_id: str) -> dict[str, Row | None]:
        """The last run of every job, by name; None of one that never ran."""
        found = await self._runs(list(self.jobs), brand_id, RUN_LIST.begin(None), 1)
        return {name: runs[0] if runs else None for name, runs in found.items()}

    async def _runs(self, names: Sequence[str], brand_id: str, place: Place, limit: int) -> dict[str, list[Row]]:
        before, after = place
        found = await self._graph.read("act/job_runs", brand_id=brand_id, jobs=names, before=before, after=after, limit=limit)
        return {row["job"]: [run_view(run) for run in row["runs"]] for row in found}

    async def _begun(self, name: str, brand_id: str, as_of: datetime | None, wait_s: float, pause_s: float) -> _Run:
        """A run that holds its lease. Raises as `run`."""
        lease = key(brand_id, self.job(name).lease or name)
        run = _Run(brand_id, name, uuid.uuid4().hex, lease, clock_of(as_of))
        asked = {
            **run.named,
            "run_id": run.run_id,
            "lease_ms": round(self._lease_s * 1000),
            "as_of": millis(run.as_of),
            "pause_ms": round(pause_s * 1000),
            "again_ms": round(min(AGAIN_S, pause_s) * 1000),
        }
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            run.sure_until = loop.time() + self._lease_s
            if await self._graph.change("act/job_begin", asked=asked):
                return run
            if loop.time() >= until:
                raise JobRunning(f"job {name} of this brand runs already (or did just now); GET /api/jobs shows it, try later")
            await asyncio.sleep(POLL_S)

    async def _held(self, run: _Run) -> Mapping[str, object]:
        """The work, as long as the lease is ours; however it ends, the history says so."""

        def came(numbers: Mapping[str, object]) -> None:
            run.came = dict(numbers)

        work = asyncio.ensure_future(self.jobs[run.job].work(run.brand_id, run.as_of, came))
        renewing = asyncio.create_task(self._renew(run))
        try:
            await asyncio.wait({work, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await _stopped(work)
                raise JobLost(f"job {run.job} lost its lease to another run, which goes on where this one stopped")
            result = work.result()
        except BaseException as error:
            await _stopped(work)  # it may have something to give back
            await self._end(
                run, "interrupted" if isinstance(error, asyncio.CancelledError | JobLost) else "failed", run.came, error
            )
            raise
        else:
            await self._end(run, "done", result, None)
            return result
        finally:
            renewing.cancel()

    async def _renew(self, run: _Run) -> None:
        """Renews the lease for as long as it can; returns once it is lost, or may be: never after it ran out."""
        loop = asyncio.get_running_loop()
        while (left_s := run.sure_until - loop.time()) > 0:
            await self._pause(min(self._lease_s / RENEWALS, left_s))
            began = loop.time()
            if began >= run.sure_until:
                return
            asked = {
                **run.named,
                "lease_ms": round(self._lease_s * 1000),
                "progress": orjson.dumps(run.came, default=str).decode(),
            }
            try:
                if not await self._graph.change("act/job_renew", min(PATIENCE_S, run.sure_until - began), asked=asked):
                    return
            except Unavailable:
                continue
            run.sure_until = began + self._lease_s

    async def _end(self, run: _Run, status: str, result: Mapping[str, object], error: BaseException | None) -> None:
        """Tells the history. A graph that does not answer now does not undo what was done: the lease expires by itself."""
        said = (
            error.detail if isinstance(error, ConstIntelError) else f"{type(error).__name__}: {error}"[:1000] if error else None
        )
        asked = {
            **run.named,
            "status": status,
            "result": orjson.dumps(dict(result), default=str).decode(),
            "error": said,
            "keep": KEPT_RUNS,
        }
        for _ in range(END_TRIES):
            try:
                await self._graph.change("act/job_end", asked=asked)
            except Unavailable:
                continue
            return
        log.warning("the end of job %s of brand %s could not be noted", run.job, run.brand_id)

    async def _logged(self, run: _Run) -> None:
        try:
            log.info("job %s of brand %s: %s", run.job, run.brand_id, dict(await self._held(run)))
        except Exception:  # whatever it is, nobody else hears of it
            log.exception("job %s of brand %s failed", run.job, run.brand_id)


def clock_of(as_of: datetime | None) -> datetime:
    """The clock of a job, or of one person's scores. Raises Unprocessable for one before 1970, and for one that is far ahead:
    what it sends would go out now, and runs with the true clock would find that everything was answered already."""
    now = datetime.now(UTC)
    if as_of is not None and as_of < BEGINNING:
        raise Unprocessable(
            f"as_of {as_of.isoformat()} lies before {BEGINNING.year}; leave it out for now, or send a later moment"
        )
    if as_of is not None and as_of - now > AHEAD:
        raise Unprocessable(
            f"as_of {as_of.isoformat()} lies more than {AHEAD.days} days ahead of the service's clock "
            f"({now.isoformat(timespec='seconds')}); leave it out for now, or send an earlier moment"
        )
    return whole_milliseconds((as_of or now).astimezone(UTC))


async def _stopped(work: "asyncio.Future[Mapping[str, object]]") -> None:
    """Ends work, and waits until it has."""
    if work.done():
        return
    work.cancel()
    await asyncio.wait({work})
    if not work.cancelled() and (error := work.exception()) is not None:
        log.warning("a job that was told to stop failed: %s: %s", type(error).__name__, error)


def run_view(row: Mapping[str, Any]) -> Row:
    """A run as the API shows it. `result` is what it did; while it runs, how far it came."""
    return {
        "run_id": row["run_id"],
        "job": row["job"],
        "status": row["status"],
        "as_of": moment(row["as_of"]),
        "started_at": moment(row["started_at"]),
        "finished_at": moment(row["finished_at"]),
        "took_ms": row["took_ms"],
        "result": orjson.loads(row["result"] or row["progress"] or "{}"),
        "error": row["error"],
    }
