"""Small pictures as numbers: what a template draws as SVG. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

MONTHS_DRAWN = 36


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start`, so long, in percent of the picture's width."""

    start: float
    length: float


def bars(values: Sequence[float]) -> list[Bar]:
    """A bar for each value, to the right of the middle when it is above zero; the longest takes all of its half."""
    longest = max((abs(value) for value in values), default=0) or 1
    lengths = [round(50 * abs(value) / longest, 2) for value in values]
    return [Bar(50 if value > 0 else round(50 - length, 2), length) for value, length in zip(values, lengths, strict=True)]


def curve(points: Sequence[tuple[float, float]]) -> str:
    """The points of a polyline in a picture of 100 by 40, from nothing at the left; the highest touches the top."""
    furthest, highest = (max((point[axis] for point in points), default=0) or 1 for axis in (0, 1))
    drawn = ((0.0, 0.0), *points)
    return " ".join(f"{100 * x / furthest:.1f},{40 - 38 * max(0.0, y) / highest:.1f}" for x, y in drawn)


@dataclass(frozen=True, slots=True)
class Column:
    month: datetime
    events: int
    height: float  # in percent of the highest


def months(events: Mapping[datetime, int]) -> list[Column]:
    """One column a month, quiet ones too, up to the last; the latest `MONTHS_DRAWN` of them."""
    if not events:
        return []
    first, last = min(events), max(events)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    drawn = [_later(first, step) for step in range(max(0, count - MONTHS_DRAWN), count)]
    highest = max(events.get(month, 0) for month in drawn) or 1
    return [Column(month, events.get(month, 0), round(100 * events.get(month, 0) / highest, 1)) for month in drawn]


def heights(values: Sequence[float]) -> list[float]:
    """Of columns, in percent of the highest; what is above zero can be seen."""
    highest = max(values, default=0) or 1
    return [max(2.0, round(100 * value / highest, 1)) if value > 0 else 0.0 for value in values]


def _later(month: datetime, by: int) -> datetime:
    years, rest = divmod(month.month - 1 + by, 12)
    return month.replace(year=month.year + years, month=rest + 1)
