"""What waits for one brand: light deliveries, which share transactions, and heavy ones, each a transaction of its own."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.errors import ConstIntelError
from app.domain.events import Event
from app.domain.plan import Answer
from app.ingest.admission import Pace
from app.ingest.transaction import Evidence

# What one event weighs in a batch: one, or as many as it is larger than common ones. A hundred of them are then at most
# 4 MB of text and a thousand identifiers, well within the memory that one transaction of the graph may take.
COMMON_BYTES = 40_000
COMMON_IDENTIFIERS = 10
COMMON_LINES = 20  # each may become a product intent

HEAVY = 100.0  # such a delivery takes seconds: one at a time, so that another writer is there for the light ones

# While a transaction is under way, the next begins once as much waits as that one holds: a transaction costs as much as ten
# events, and eager ones were half empty. One that takes longer than this is not waited for: it may hang.
PATIENCE_S = 0.25


def weight(entry: Evidence) -> float:
    """How many common events this one counts as."""
    if not isinstance(entry, Event):
        return max(1.0, len(entry.identifiers) / COMMON_IDENTIFIERS)
    size = len(entry.raw) + len(entry.properties)
    return max(1.0, size / COMMON_BYTES, len(entry.identifiers) / COMMON_IDENTIFIERS, len(entry.items) / COMMON_LINES)


@dataclass(eq=False, slots=True)
class Unit:
    """One delivery: its events are stored together or not at all. `turn` counts up as deliveries arrive."""

    evidence: tuple[Evidence, ...]
    weight: float
    turn: int
    request_ids: tuple[str, ...] = ()
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
class Queue:
    """Deliveries of one kind in the order they came. `units` and `weight` are of all that waits or is under way, `held` is the
    weight of what is under way; its last transaction began at `began` (seconds of the loop's clock)."""

    pace: Pace
    waiting: deque[Unit] = field(default_factory=deque)
    units: int = 0
    weight: float = 0.0
    held: float = 0.0
    began: float = 0.0

    def add(self, unit: Unit) -> None:
        self.waiting.append(unit)
        self.units += 1
        self.weight += unit.weight

    def head(self) -> Unit | None:
        """The first that somebody still waits for. One whose caller was told "too late" is not begun any more."""
        while self.waiting and self.waiting[0].done.done():
            self.left(self.waiting.popleft())
        return self.waiting[0] if self.waiting else None

    @property
    def is_under_way(self) -> bool:
        return self.units > len(self.waiting)

    def is_worth_another(self, now: float) -> bool:
        """Whether what waits should go at once, beside the transactions that are under way."""
        return not self.is_under_way or self.weight - self.held >= self.held or now - self.began >= PATIENCE_S

    def begin(self, batch: Sequence[Unit], now: float) -> None:
        self.held += sum(unit.weight for unit in batch)
        self.began = now

    def end(self, batch: Sequence[Unit]) -> None:
        for unit in batch:
            self.left(unit)
        self.held = self.held - sum(unit.weight for unit in batch) if self.is_under_way else 0.0

    def left(self, unit: Unit) -> None:
        self.units -= 1
        self.weight = self.weight - unit.weight if self.units else 0.0


@dataclass(eq=False, slots=True)
class Lane:
    """One brand's queues, its writers (each has a transaction under way or is about to), and when to look at them again."""

    light: Queue
    heavy: Queue
    writers: int = 0
    later: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        return len(self.light.waiting) + len(self.heavy.waiting)

    def queue_of(self, unit_weight: float) -> Queue:
        return self.heavy if unit_weight >= HEAVY else self.light

    def _heads(self, now: float) -> tuple[Unit | None, Unit | None]:
        """The first light and the first heavy delivery that may go now."""
        light = self.light.head() if self.light.is_worth_another(now) else None
        return light, None if self.heavy.is_under_way else self.heavy.head()

    def may_go(self, now: float) -> bool:
        return any(self._heads(now))

    def close(self) -> None:
        if self.later is not None:
            self.later.cancel()

    def take(self, max_weight: float, now: float) -> tuple[Queue, list[Unit]] | None:
        """The next transaction: of what waits, the first come, as far as it may go now; None when nothing may.

        Whoever takes it says `begin` and `end` to its queue.
        """
        light, heavy = self._heads(now)
        if heavy is not None and (light is None or heavy.turn < light.turn):
            return self.heavy, [self.heavy.waiting.popleft()]
        if light is None:
            return None
        batch, size = [self.light.waiting.popleft()], light.weight
        while (following := self.light.head()) is not None and size + following.weight <= max_weight:
            batch.append(self.light.waiting.popleft())
            size += following.weight
        return self.light, batch
