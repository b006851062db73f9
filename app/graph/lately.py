"""What was read a moment ago, and is taken to hold still."""

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lately(Generic[K, V]):
    """Answers that hold for `for_s` seconds, at most `most` of them: the one that was read longest ago goes first.

    None is no answer, and not remembered.
    """

    def __init__(self, for_s: float, most: int) -> None:
        self._for_s = for_s
        self._most = most
        self._answers: dict[K, tuple[float, V]] = {}
        self._changes = 0

    async def get(self, asked: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        """The answer of a moment ago, else a new one. Raises as `read`."""
        until, answer = self._answers.get(asked, (0.0, None))
        return answer if time.monotonic() < until else await self.anew(asked, read)

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
