"""The micro-batcher: concurrent requests share a commit, a lone request waits for nobody.

Its own task runs the transaction, never a caller's: a caller may hang up without taking others' events along.
Nothing here is shared between processes; two replicas may batch the same brand, and the graph's locks keep them right.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from app.domain.errors import ConstIntelError, PoisonEvent, Unavailable
from app.domain.plan import Answer
from app.ingest.transaction import Evidence

log = logging.getLogger(__name__)

# More than this waiting for one brand cannot be served within the deadline: say so at once.
MAX_WAITING = 5_000

Process = Callable[[str, Sequence[Evidence]], Awaitable[Sequence[Answer | ConstIntelError]]]


@dataclass(eq=False, slots=True)
class Unit:
    """One delivery: its events are stored together or not at all."""

    evidence: tuple[Evidence, ...]
    done: "asyncio.Future[list[Answer]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, answers: Sequence[Answer | ConstIntelError]) -> None:
        refusal = next((answer for answer in answers if isinstance(answer, ConstIntelError)), None)
        if refusal is not None:
            self.fail(refusal)
        elif not self.done.done():
            self.done.set_result([answer for answer in answers if not isinstance(answer, ConstIntelError)])

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Batcher:
    """Lanes by brand; each lane has one transaction under way at a time."""

    def __init__(self, process: Process, max_events: int, max_wait_s: float, deadline_s: float) -> None:
        self._process = process
        self._max_events = max_events
        self._max_wait_s = max_wait_s
        self._deadline_s = deadline_s
        self._lanes: dict[str, deque[Unit]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, brand_id: str, evidence: Sequence[Evidence]) -> list[Answer]:
        """Answers once the commit has happened. Raises Unavailable after the deadline (the events may still be stored)."""
        lane = self._lanes.get(brand_id)
        if lane is not None and len(lane) >= MAX_WAITING:
            raise Unavailable(f"{len(lane)} deliveries are waiting already; try again in a moment")
        unit = Unit(tuple(evidence))
        if lane is None:
            lane = self._lanes[brand_id] = deque()
            task = asyncio.create_task(self._drain(brand_id, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        lane.append(unit)
        try:
            return await asyncio.wait_for(asyncio.shield(unit.done), self._deadline_s)
        except TimeoutError:
            unit.done.add_done_callback(_retrieve)
            raise Unavailable(
                f"the commit did not come within {self._deadline_s} s; it was not acknowledged, send it again"
            ) from None

    async def close(self) -> None:
        """Waits until everything accepted is settled."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, brand_id: str, lane: deque[Unit]) -> None:
        try:
            if self._max_wait_s:
                await asyncio.sleep(self._max_wait_s)
            else:
                await asyncio.sleep(0)  # requests that are ready in this very turn of the loop come along
            while lane:
                await self._run(brand_id, self._take(lane))
        finally:
            del self._lanes[brand_id]
            for unit in lane:
                unit.fail(Unavailable("the service is stopping; send it again"))

    def _take(self, lane: deque[Unit]) -> list[Unit]:
        batch = [lane.popleft()]
        size = len(batch[0].evidence)
        while lane and size + len(lane[0].evidence) <= self._max_events:
            batch.append(lane.popleft())
            size += len(batch[-1].evidence)
        return batch

    async def _run(self, brand_id: str, batch: list[Unit]) -> None:
        """One transaction. When it fails for what it holds, its halves go by themselves until the poison stands alone."""
        try:
            answers = list(await self._process(brand_id, [entry for unit in batch for entry in unit.evidence]))
        except ConstIntelError as error:
            for unit in batch:
                unit.fail(error)
        except asyncio.CancelledError:
            for unit in batch:
                unit.fail(Unavailable("the service is stopping; send it again"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever one delivery does must not take its neighbours along
            await self._apart(brand_id, batch, error)
        else:
            at = 0
            for unit in batch:
                unit.settle(answers[at : at + len(unit.evidence)])
                at += len(unit.evidence)

    async def _apart(self, brand_id: str, batch: list[Unit], error: Exception) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._run(brand_id, batch[:middle])
            await self._run(brand_id, batch[middle:])
            return
        log.error("a delivery of brand %s cannot be stored", brand_id, exc_info=error)
        poison = PoisonEvent(f"this delivery cannot be processed ({type(error).__name__}); nothing of it was stored")
        poison.__cause__ = error
        batch[0].fail(poison)


def _retrieve(done: "asyncio.Future[list[Answer]]") -> None:
    """A failure whose caller has gone is not an unhandled one."""
    if not done.cancelled():
        done.exception()
