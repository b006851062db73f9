"""The micro-batcher: concurrent requests share a commit, a lone request waits for nobody.

Its own task runs the transaction, never a caller's: a caller may hang up without taking others' events along.
Nothing here is shared between processes; two replicas may batch the same brand, and the graph's locks keep them right.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from app.domain.errors import ConstIntelError, PoisonEvent, TooLarge, Unavailable
from app.domain.events import Event
from app.domain.plan import Answer
from app.ingest.transaction import Evidence

log = logging.getLogger(__name__)

# More than this waiting for one brand cannot be served within the deadline: say so at once.
MAX_WAITING = 5_000

# What one event weighs in a batch: one, or as many as it is larger than common ones. A hundred of them are then at most
# 4 MB of text and a thousand identifiers, well within the memory that one transaction of the graph may take.
COMMON_BYTES = 40_000
COMMON_IDENTIFIERS = 10
COMMON_LINES = 20  # each may become a product intent

# A delivery is one transaction, so a heavy one has more time than a common one: for each event more that it counts as,
# several times what such an event takes (4 to 7 ms). A graph that does not answer says so itself, long before.
MORE_TIME_S = 0.02

Process = Callable[[str, Sequence[Evidence]], Awaitable[Sequence[Answer | ConstIntelError]]]


@dataclass(eq=False, slots=True)
class Unit:
    """One delivery: its events are stored together or not at all."""

    evidence: tuple[Evidence, ...]
    weight: float
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


@dataclass(eq=False, slots=True)
class Lane:
    """What waits for one brand, and how many transactions of it are under way."""

    waiting: deque[Unit] = field(default_factory=deque)
    writers: int = 0


class Batcher:
    """Lanes by brand. A lane has two transactions under way at the most: while one is in Neo4j, the next is being decided."""

    def __init__(self, process: Process, max_events: int, max_wait_s: float, deadline_s: float, writers: int = 2) -> None:
        self._process = process
        self._max_events = max_events
        self._max_wait_s = max_wait_s
        self._deadline_s = deadline_s
        self._writers = writers
        self._lanes: dict[str, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, brand_id: str, evidence: Sequence[Evidence]) -> list[Answer]:
        """Answers once the commit has happened. Raises Unavailable after the deadline (the events may still be stored),
        which a heavy delivery has later."""
        lane = self._lanes.setdefault(brand_id, Lane())
        if len(lane.waiting) >= MAX_WAITING:
            raise Unavailable(f"{len(lane.waiting)} deliveries are waiting already; try again in a moment")
        unit = Unit(tuple(evidence), sum(map(weight, evidence)))
        unit.done.add_done_callback(_retrieve)
        lane.waiting.append(unit)
        if lane.writers < self._writers:
            lane.writers += 1
            task = asyncio.create_task(self._drain(brand_id, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        deadline_s = self._deadline_s + MORE_TIME_S * max(0.0, unit.weight - 1)
        try:
            return await asyncio.wait_for(asyncio.shield(unit.done), deadline_s)
        except TimeoutError:
            raise Unavailable(
                f"the commit did not come within {deadline_s:g} s; it was not acknowledged, send it again"
            ) from None

    async def close(self) -> None:
        """Waits until everything accepted is settled."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, brand_id: str, lane: Lane) -> None:
        try:
            # Even without a wait, requests that are ready in this very turn of the loop come along.
            await asyncio.sleep(self._max_wait_s)
            while lane.waiting:
                await self._run(brand_id, self._take(lane.waiting))
        finally:
            lane.writers -= 1
            if lane.writers == 0:
                del self._lanes[brand_id]
                for unit in lane.waiting:
                    unit.fail(Unavailable("the service is stopping; send it again"))

    def _take(self, waiting: deque[Unit]) -> list[Unit]:
        batch = [waiting.popleft()]
        size = batch[0].weight
        while waiting and size + waiting[0].weight <= self._max_events:
            batch.append(waiting.popleft())
            size += batch[-1].weight
        return batch

    async def _run(self, brand_id: str, batch: list[Unit]) -> None:
        """One transaction. When it fails for what it holds, its halves go by themselves until the poison stands alone."""
        try:
            answers = list(await self._process(brand_id, [entry for unit in batch for entry in unit.evidence]))
        except TooLarge as error:
            await self._apart(brand_id, batch, error)
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
        if isinstance(error, ConstIntelError):
            batch[0].fail(error)
            return
        log.error("a delivery of brand %s cannot be stored", brand_id, exc_info=error)
        poison = PoisonEvent(f"this delivery cannot be processed ({type(error).__name__}); nothing of it was stored")
        poison.__cause__ = error
        batch[0].fail(poison)


def weight(entry: Evidence) -> float:
    """How many common events this one counts as."""
    if not isinstance(entry, Event):
        return max(1.0, len(entry.identifiers) / COMMON_IDENTIFIERS)
    size = len(entry.raw) + len(entry.properties)
    return max(1.0, size / COMMON_BYTES, len(entry.identifiers) / COMMON_IDENTIFIERS, len(entry.items) / COMMON_LINES)


def _retrieve(done: "asyncio.Future[list[Answer]]") -> None:
    """A failure whose caller has gone is not an unhandled one."""
    if not done.cancelled():
        done.exception()
