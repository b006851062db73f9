"""What one process of the service counted since it began."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all brands together. `process` names the process, since each replica has figures of its own.

    `outcomes` counts events and imports by what became of them; `stored_s` is the time that `transactions` took together;
    `waiting` are deliveries that wait for a transaction now.
    """

    process: str
    began: datetime
    outcomes: Mapping[str, int]
    transactions: int
    stored_s: float
    refusals: int
    waiting: int

    @property
    def events(self) -> int:
        return sum(self.outcomes.values())
