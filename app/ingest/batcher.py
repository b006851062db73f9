"""The micro-batcher: concurrent requests share a commit, a lone request waits for nobody.

Its own task runs the transaction, never a caller's: a caller may hang up without taking others' events along.
Nothing here is shared between processes; two replicas may batch the same brand, and the graph's locks keep them right.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from app.domain.errors import ConstIntelError, Overloaded, PoisonEvent, TooLarge, Unavailable
from app.domain.plan import Answer
from app.ingest.admission import START_RATE, Pace, admits
from app.ingest.lanes import HEAVY, PATIENCE_S, Lane, Queue, Unit, weight
from app.ingest.transaction import Evidence
from app.telemetry.requests import request_ids

log = logging.getLogger(__name__)

# So many may wait for one brand, however fast it goes: each is held in memory.
MAX_WAITING = 5_000
REMEMBERED_BRANDS = 1_000  # whose pace is kept while nothing of theirs waits

# A delivery is one transaction, so a heavy one has more time than a common one: for each event more that it counts as,
# several times what such an event takes (4 to 7 ms). A graph that does not answer says so itself, long before.
MORE_TIME_S = 0.02

Answers = Sequence[Answer | ConstIntelError]
Process = Callable[[str, Sequence[Evidence]], Awaitable[Answers]]


class Observer(Protocol):
    """Who wants to know of each transaction. Called on the hot path, once a transaction."""

    def stored(self, evidence: Sequence[Evidence], answers: Answers, seconds: float) -> None: ...

    def failed(self, error: Exception, seconds: float) -> None: ...


class Batcher:
    """Lanes by brand. A lane has two transactions under way at the most: while one is in Neo4j, the next is being decided.

    Nothing under way, nothing waits; else the next begins when it is as full (`lanes.PATIENCE_S`).
    """

    def __init__(
        self,
        process: Process,
        max_events: int,
        max_wait_s: float,
        deadline_s: float,
        writers: int = 2,
        observer: Observer | None = None,
    ) -> None:
        self._process = process
        self._max_events = max_events
        self._max_wait_s = max_wait_s
        self._deadline_s = deadline_s
        self._writers = writers
        self._observer = observer
        self._lanes: dict[str, Lane] = {}
        self._paces: dict[str, tuple[Pace, Pace]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = 0

    @property
    def waiting(self) -> int:
        """Deliveries that no transaction has taken yet, of all brands."""
        return sum(lane.waiting for lane in self._lanes.values())

    def pace(self, brand_id: str) -> float:
        """Light work of a brand that gets done in a second, by weight, as last seen."""
        return self._paces[brand_id][0].rate if brand_id in self._paces else START_RATE

    async def submit(self, brand_id: str, evidence: Sequence[Evidence], spent_s: float = 0.0) -> list[Answer]:
        """Answers once the commit has happened. Raises Overloaded at once when that would come too late, and Unavailable
        after the deadline (the events may still be stored), which a heavy delivery has later. `spent_s` of it is over already."""
        lane = self._lanes.get(brand_id) or self._open(brand_id)
        unit_weight = sum(map(weight, evidence))
        deadline_s = max(0.0, self._deadline_s - spent_s) + MORE_TIME_S * max(0.0, unit_weight - 1)
        queue = lane.queue_of(unit_weight)
        if lane.waiting >= MAX_WAITING:
            raise Overloaded(f"{lane.waiting} deliveries are waiting already; nothing was stored, try again in a moment")
        if not admits(queue.weight, unit_weight, queue.pace.rate, deadline_s):
            raise Overloaded(
                f"{queue.units} deliveries are before this one, so it would not be stored within {deadline_s:g} s; "
                "nothing was stored, try again in a moment"
            )
        self._turns += 1
        unit = Unit(tuple(evidence), unit_weight, self._turns, request_ids.get())
        unit.done.add_done_callback(_retrieve)
        queue.add(unit)
        self._ensure_writer(brand_id, lane)
        await asyncio.wait((unit.done,), timeout=deadline_s)  # whose caller hangs up is stored all the same
        if not unit.done.done():
            late = Unavailable(f"the commit did not come within {deadline_s:g} s; it was not acknowledged, send it again")
            unit.fail(late)  # if it has not begun it need not begin
        return unit.done.result()

    def _open(self, brand_id: str) -> Lane:
        paces = self._paces.pop(brand_id, None) or (Pace(), Pace())
        self._paces[brand_id] = paces
        if len(self._paces) > REMEMBERED_BRANDS:
            del self._paces[next(iter(self._paces))]
        lane = self._lanes[brand_id] = Lane(Queue(paces[0]), Queue(paces[1]))
        return lane

    def _ensure_writer(self, brand_id: str, lane: Lane) -> None:
        """A writer for what waits, now or when the one under way has had its time."""
        if lane.writers >= self._writers or not lane.waiting:
            return
        loop = asyncio.get_running_loop()
        if lane.may_go(loop.time()):
            lane.writers += 1
            task = loop.create_task(self._drain(brand_id, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif lane.later is None:
            lane.later = loop.call_later(PATIENCE_S, self._look_again, brand_id, lane)

    def _look_again(self, brand_id: str, lane: Lane) -> None:
        lane.later = None
        self._ensure_writer(brand_id, lane)

    async def close(self) -> None:
        """Waits until everything accepted is settled."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, brand_id: str, lane: Lane) -> None:
        try:
            # Even without a wait, requests that are ready in this very turn of the loop come along.
            await asyncio.sleep(self._max_wait_s)
            while (taken := lane.take(self._max_events, asyncio.get_running_loop().time())) is not None:
                await self._transact(brand_id, *taken)
        finally:
            lane.writers -= 1
            if lane.writers:
                self._ensure_writer(brand_id, lane)
            else:
                lane.close()
                del self._lanes[brand_id]
                for unit in (*lane.light.waiting, *lane.heavy.waiting):
                    unit.fail(Unavailable("the service is stopping; send it again"))

    async def _transact(self, brand_id: str, queue: Queue, batch: list[Unit]) -> None:
        queue.begin(batch, asyncio.get_running_loop().time())
        request_ids.set(tuple(one for unit in batch for one in unit.request_ids))  # whatever is logged now names them
        try:
            await self._run(brand_id, queue, batch)
        finally:
            queue.end(batch)

    async def _run(self, brand_id: str, queue: Queue, batch: list[Unit]) -> None:
        """One transaction. When it fails for what it holds, its halves go by themselves until the poison stands alone."""
        evidence = [entry for unit in batch for entry in unit.evidence]
        began = time.perf_counter()
        try:
            answers = list(await self._process(brand_id, evidence))
        except TooLarge as error:
            self._note_failure(error, began)
            await self._apart(brand_id, queue, batch, error)
        except ConstIntelError as error:
            self._note_failure(error, began)
            for unit in batch:
                unit.fail(error)
        except asyncio.CancelledError:
            for unit in batch:
                unit.fail(Unavailable("the service is stopping; send it again"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever one delivery does must not take its neighbours along
            self._note_failure(error, began)
            await self._apart(brand_id, queue, batch, error)
        else:
            ended = time.perf_counter()
            queue.pace.note(self._credit(sum(unit.weight for unit in batch)), began, ended)
            if self._observer is not None:
                self._observer.stored(evidence, answers, ended - began)
            at = 0
            for unit in batch:
                unit.settle(answers[at : at + len(unit.evidence)])
                at += len(unit.evidence)

    def _credit(self, done: float) -> float:
        """What a transaction of this weight says of the pace. One that was not full would have done a full one's work in
        about the same time: too kind while there is room in them, and exact as soon as there is none."""
        return done if done >= HEAVY else max(done, self._max_events)

    def _note_failure(self, error: Exception, began: float) -> None:
        if self._observer is not None:
            self._observer.failed(error, time.perf_counter() - began)

    async def _apart(self, brand_id: str, queue: Queue, batch: list[Unit], error: Exception) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._run(brand_id, queue, batch[:middle])
            await self._run(brand_id, queue, batch[middle:])
            return
        if isinstance(error, ConstIntelError):
            batch[0].fail(error)
            return
        log.error("a delivery of brand %s cannot be stored", brand_id, exc_info=error)
        poison = PoisonEvent(f"this delivery cannot be processed ({type(error).__name__}); nothing of it was stored")
        poison.__cause__ = error
        batch[0].fail(poison)


def _retrieve(done: "asyncio.Future[list[Answer]]") -> None:
    """A failure whose caller has gone is not an unhandled one."""
    if not done.cancelled():
        done.exception()
