"""What the operations page makes of figures. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.console.charts import heights
from app.domain.figures import Figures
from app.graph.rows import Row, millis


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a process stood when a page last asked it. Pages carry it, so that no process keeps anything for them."""

    process: str
    events: int
    at: int  # epoch milliseconds

    def __str__(self) -> str:
        return f"{self.process}.{self.events}.{self.at}"


def mark_of(figures: Figures, now: datetime) -> Mark:
    return Mark(figures.process, figures.events, millis(now))


def mark_in(text: str) -> Mark | None:
    """None for what is no mark: the page then learns its rate with the next look."""
    process, *numbers = text.split(".")
    if len(numbers) != 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    return Mark(process, int(numbers[0]), int(numbers[1]))


def rate(before: Mark | None, now: Mark) -> float | None:
    """Events a second between two looks; None when there was none before, or another replica answered it."""
    if before is None or before.process != now.process or now.at <= before.at:
        return None
    return max(0, now.events - before.events) * 1000 / (now.at - before.at)


class Column(NamedTuple):
    label: str
    number: int
    at_least: bool  # counting ended here
    height: float  # in percent of the highest


def sizes_in(by_size: Sequence[Mapping[str, Any]]) -> list[Column]:
    """People by their number of events: a column for each power of two up to the largest, empty ones too."""
    if not by_size:
        return []
    known = {one["events_to"]: one for one in by_size}
    drawn = [end for end in (2**power - 1 for power in range(max(known).bit_length() + 1)) if end >= min(known)]
    numbers = [known[end]["profiles"] if end in known else 0 for end in drawn]
    ended = [end in known and known[end]["at_least"] for end in drawn]
    return [Column(*one) for one in zip(map(_span, drawn), numbers, ended, heights(numbers), strict=True)]


def _span(end: int) -> str:
    begin = end // 2 + 1 if end else 0
    return str(end) if begin == end else f"{begin:,} to {end:,}"


def days_in(per_day: Sequence[Mapping[str, Any]]) -> list[Column]:
    high = heights([one["count"] for one in per_day])
    return [Column(one["day"], one["count"], False, height) for one, height in zip(per_day, high, strict=True)]


NOTHING: tuple[object, ...] = (0, None, "", [], {})  # a job counts all that it may do; what it did not is not worth reading


class JobLine(NamedTuple):
    """A job and its last run. `began_s` is how long ago that was; `touched` is what it did, in words."""

    name: str
    says: str
    run: Row | None
    began_s: int
    touched: str


def job_line(name: str, says: str, run: Row | None, now: datetime) -> JobLine:
    if run is None:
        return JobLine(name, says, None, 0, "")
    counted = {key.replace("_", " "): _short(value) for key, value in run["result"].items() if value not in NOTHING}
    touched = ", ".join(f"{key}: {value}" for key, value in counted.items())
    if run["result"] and not touched:
        touched = "nothing"
    return JobLine(name, says, run, max(0, int((now - run["started_at"]).total_seconds())), touched)


def _short(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int | float) else str(value)
    return text if len(text) <= 60 else text[:60] + " ..."
