"""As much at once as the graph bears: less after a refusal, slowly more again.

Nobody knows beforehand how many people fit into one transaction's time and memory: some have three events, some a hundred
thousand.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from app.domain.errors import QueryTooExpensive, RegionTooLarge, TooLarge, Unavailable
from app.graph.driver import Rows

T = TypeVar("T")

TOO_MUCH = (Unavailable, QueryTooExpensive, TooLarge, RegionTooLarge)
PAUSE_S = 0.2  # before the graph is asked again for one alone; each time so much longer


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is tried at once, `most` at the most."""

    most: int
    size: int

    def slower(self, tried: int) -> "Pace":
        return Pace(self.most, max(1, tried // 2))

    def faster(self) -> "Pace":
        """By an eighth: a size that was refused is not tried again at once."""
        return Pace(self.most, min(self.most, self.size + max(1, self.size // 8)))


async def borne(pace: Pace, work: Callable[[int], Awaitable[T]], tries: int = 0) -> tuple[T, Pace]:
    """What `work(size)` gives for as much as the graph bears, and the pace of that; `work` may begin several times.

    Raises what `work` raises for one alone; where the graph did not answer, only after so many `tries` more.
    """
    pauses = iter(range(1, tries + 1))
    while True:
        try:
            return await work(pace.size), pace
        except TOO_MUCH as error:
            if pace.size == 1:
                pause = next(pauses, None) if isinstance(error, Unavailable) else None
                if pause is None:
                    raise
                await asyncio.sleep(PAUSE_S * pause)
            pace = pace.slower(pace.size)


async def pages(read: Callable[[str, int], Awaitable[Rows]], most: int, after: str = "") -> AsyncIterator[Rows]:
    """Rows by profile id, page by page: `read(after, limit)` gives those behind an id.

    Raises what `read` raises once it does so for a single row: such a page must be cheap whoever is on it.
    """
    pace = Pace(most, most)
    while True:
        page, pace = await borne(pace, partial(read, after))
        yield page
        if len(page) < pace.size:
            return
        after, pace = page[-1]["profile_id"], pace.faster()
