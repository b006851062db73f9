"""How far an import came, for whoever waits: one line that moves on a terminal, a line every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from app.importing.memory import Came

EVERY_S = 5.0
CLEAR = "\r\x1b[K"


@dataclass(slots=True)
class Progress:
    """`clock` gives seconds. Speed is measured from the first chunk on."""

    name: str
    out: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    _first: tuple[float, int, float] | None = field(default=None, init=False)  # when it was first told, of rows and share
    _told: float = field(default=0.0, init=False)

    def __call__(self, came: Came, share: float) -> None:
        now, moves = self.clock(), self.out.isatty()
        if self._first is None:
            self._first, self._told = (now, came.rows, share), now
        if not moves and now - self._told < EVERY_S:
            return
        self._told = now
        self.out.write(f"{CLEAR if moves else ''}{self.line(came, share)}{'' if moves else chr(10)}")
        self.out.flush()

    def line(self, came: Came, share: float) -> str:
        """Such as `orders.csv: 12,000 rows, 1,450/s, 34 %, 2 min left`."""
        began, rows, read = self._first or (self.clock(), came.rows, share)
        said, took, done = [f"{came.rows:,} rows"], self.clock() - began, share - read
        if took > 0:
            said.append(f"{(came.rows - rows) / took:,.0f}/s")
        said.append(f"{min(share, 1.0) * 100:.0f} %")
        if done > 0 and share < 1:
            said.append(f"{duration(took * (1 - share) / done)} left")
        if came.rejected:
            said.append(f"{came.rejected:,} refused")
        return f"{self.name}: {', '.join(said)}"

    def say(self, message: str) -> None:
        """Something else that happened, on a line of its own."""
        self.out.write(f"{CLEAR if self.out.isatty() else ''}{self.name}: {message}\n")
        self.out.flush()

    def end(self) -> None:
        if self.out.isatty():
            self.out.write(CLEAR)
            self.out.flush()


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
