"""Whether a delivery would still be stored in time. Said at once, "no" costs nothing; after the deadline, it cost the work."""

from dataclasses import dataclass

SHARE = 0.7  # of the deadline: an estimate that is a third off must not make callers wait for a 503
START_RATE = 1_000.0  # weight a second, until the first transaction was measured
MEMORY = 0.8  # of what was known remains after each transaction: about the last ten decide


def admits(ahead: float, own: float, rate: float, deadline_s: float) -> bool:
    """Whether work of weight `own`, with `ahead` before it (waiting or under way), is done in time at `rate` (weight a second).

    What has nothing before it is always taken: only by trying does one learn that things go well again.
    """
    return ahead <= 0 or ahead + own <= rate * deadline_s * SHARE


@dataclass(slots=True)
class Pace:
    """How much weight a queue gets done in a second, measured at its transactions; those of two writers overlap."""

    done: float = 0.0
    seconds: float = 0.0
    last: float = 0.0

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds > 0 else START_RATE

    def note(self, weight: float, began: float, ended: float) -> None:
        """A transaction of this weight. Only the time since the one before counts, lest two at once count it twice."""
        self.done = self.done * MEMORY + weight
        self.seconds = self.seconds * MEMORY + max(ended - max(began, self.last), 0.0)
        self.last = max(ended, self.last)
