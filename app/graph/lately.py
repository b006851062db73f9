"""What was read a moment ago, and is taken to hold still; and what was noted a moment ago, and need not be again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from app.domain.errors import Unavailable

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

NOTED_EVERY_S = 60.0  # often enough for whoever wonders whether something still comes, or is still used
MOST_NOTED = 1_000


class Lately(Generic[K, V]):
    """Answers that hold for `for_s` seconds, at most `most` of them: the one that was read longest ago goes first.

    None is no answer, and not remembered. Of many who ask at once one reads, for all of them.
    """

    def __init__(self, for_s: float, most: int) -> None:
        self._for_s = for_s
        self._most = most
        self._answers: dict[K, tuple[float, V]] = {}
        self._reading: dict[K, asyncio.Task[V | None]] = {}
        self._changes = 0

    async def get(self, asked: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        """The answer of a moment ago, else a new one. Raises as `read`."""
        until, answer = self._answers.get(asked, (0.0, None))
        return answer if time.monotonic() < until else await self._read_once(asked, read)

    async def _read_once(self, asked: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        """What whoever reads it already will get, else a read that others may join; who hangs up does not end it."""
        reading = self._reading.get(asked)
        if reading is None:
            reading = self._reading[asked] = asyncio.get_running_loop().create_task(self.anew(asked, read))
            reading.add_done_callback(lambda done: self._has_read(asked, done))
        return await asyncio.shield(reading)

    def _has_read(self, asked: K, reading: asyncio.Task[V | None]) -> None:
        if self._reading.get(asked) is reading:
            del self._reading[asked]
        if not reading.cancelled():
            reading.exception()  # nobody may be left who waits for it, and that is no unhandled one

    async def anew(self, asked: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        """As `get`, but read now."""
        changes = self._changes
        answer = await read(asked)
        if answer is not None and changes == self._changes:  # what was being read while it was changed may be the old one
            self._answers.pop(asked, None)
            self._answers[asked] = time.monotonic() + self._for_s, answer
            if len(self._answers) > self._most:
                del self._answers[next(iter(self._answers))]
        return answer

    def forget(self) -> None:
        """Something was changed: nothing read until now holds any more."""
        self._changes += 1
        self._answers.clear()
        self._reading.clear()


class Seldom(Generic[K]):
    """What is noted once a minute, however often it happens. At most so many are remembered: who was noted longest ago goes
    first, and is noted sooner."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: dict[K, float] = {}

    async def note(self, what: K, write: Callable[[], Awaitable[object]]) -> None:
        """Writes it down where that is due. Whatever it is noted of has happened, and is answered also without a note."""
        if self._is_due(what):
            try:
                await write()
            except Unavailable as error:
                log.warning("not noted: %s", error.detail)

    def _is_due(self, what: K) -> bool:
        now = self._clock()
        if now - self._noted.get(what, -NOTED_EVERY_S) < NOTED_EVERY_S:
            return False
        self._noted.pop(what, None)
        self._noted[what] = now
        if len(self._noted) > MOST_NOTED:
            del self._noted[next(iter(self._noted))]
        return True
