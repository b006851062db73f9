"""The table: medians over the rounds, and the ratio to the peer at the same number of connections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

HEAD = ("", "connections", "events/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "x peer")


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of at least one value, the smallest first: what such a share of them is no more than."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement, or the medians of several, in milliseconds; `cpu_ms` is what one event took of all cores together."""

    events_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float

    @classmethod
    def of(cls, events_per_s: float, latencies_ms: Sequence[float], cpu_ms: float) -> "Figures":
        ordered = sorted(latencies_ms)
        p50_ms, p95_ms, p99_ms = (quantile(ordered, share) for share in (0.50, 0.95, 0.99))
        return cls(events_per_s, p50_ms, p95_ms, p99_ms, cpu_ms)


@dataclass(frozen=True, slots=True)
class Series:
    """All rounds of one thing at one number of connections. `at` is that number as people read it."""

    name: str
    at: str
    connections: int
    rounds: tuple[Figures, ...]

    @property
    def middle(self) -> Figures:
        return Figures(
            median(one.events_per_s for one in self.rounds),
            median(one.p50_ms for one in self.rounds),
            median(one.p95_ms for one in self.rounds),
            median(one.p99_ms for one in self.rounds),
            median(one.cpu_ms for one in self.rounds),
        )


def table(series: Sequence[Series], peer: str) -> str:
    """Markdown that also reads well in a terminal."""
    against = {one.connections: one.middle.events_per_s for one in series if one.name == peer}
    lines = [HEAD, *(_line(one, against) for one in series)]
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table of a head and lines: the first column to the left, the others to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = [_padded(line, widths) for line in lines]
    rule = f"|{'-' * (widths[0] + 2)}|" + "".join(f"{'-' * (width + 1)}:|" for width in widths[1:])
    return "\n".join([shown[0], rule, *shown[1:]])


def _line(series: Series, against: Mapping[int, float]) -> tuple[str, ...]:
    middle, peer = series.middle, against.get(series.connections)
    ratio = f"{middle.events_per_s / peer:.2f}" if peer else ""
    return (
        series.name,
        series.at,
        f"{middle.events_per_s:,.0f}",
        *(f"{value:.1f}" for value in (middle.p50_ms, middle.p95_ms, middle.p99_ms)),
        f"{middle.cpu_ms:.2f}",
        ratio,
    )


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
    return "| " + " | ".join([first.strip().ljust(widths[0]), *rest]) + " |"
