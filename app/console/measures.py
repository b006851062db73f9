"""How measures of models and drift are told: with their units, what good means, and a picture. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.graph.rows import Row
from app.learn.drift_job import DRIFTED, STEADY, level


@dataclass(frozen=True, slots=True)
class Measure:
    """`good` says which way is better; `naive` names the measure of the naive rate that it stands beside."""

    name: str
    title: str
    unit: str
    good: str
    lower: bool
    naive: str = ""


MEASURES = (
    Measure("auc", "AUC of churn", "0.5 (chance) to 1", "higher: who leaves is told from who stays", False),
    Measure("brier", "Brier score of churn", "0 to 1", "lower: the probabilities are near what happened", True),
    Measure("ece", "Calibration error (ECE)", "0 to 1", "lower: of 100 with a score of 0.2 some 20 leave; good up to 0.05", True),
    Measure("ltv_mae", "Error of the 30-day value", "money a customer", "lower, and below the naive rate", True, "naive_ltv_mae"),
    Measure(
        "ltv_spearman", "Rank correlation of value", "-1 to 1", "higher: who spends more is told from who spends less", False
    ),
    Measure(
        "ltv_top_decile",
        "Money in the top tenth",
        "share, 0 to 1",
        "higher, and above the naive rate",
        False,
        "naive_ltv_top_decile",
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A measure of the one that was tried and of the one it was tried against; `better` is None where neither is."""

    measure: Measure
    own: float
    other: float | None
    naive: float | None
    better: bool | None


def compared(metrics: Mapping[str, Mapping[str, float]]) -> list[Line]:
    """Of a model's hold-out, as the registry keeps it; nothing where nothing could be told apart."""
    own, other = metrics.get("challenger", {}), metrics.get("champion", {})
    return [_line(one, own, other) for one in MEASURES if one.name in own]


def _line(one: Measure, own: Mapping[str, float], other: Mapping[str, float]) -> Line:
    ours, theirs = own[one.name], other.get(one.name)
    better = None if theirs is None or ours == theirs else (ours < theirs) == one.lower
    return Line(one, ours, theirs, own.get(one.naive), better)


@dataclass(frozen=True, slots=True)
class Week:
    """A drift report as a column: `height` in percent of the picture, which `level` it reached (steady, moved or drifted)."""

    report: Row
    height: float
    level: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Columns, the oldest first, and how high the two limits stand (percent)."""

    weeks: tuple[Week, ...]
    steady: float
    drifted: float


def drift_of(reports: Sequence[Row]) -> Drift:
    """Reports come the newest first; one without a number (nothing to compare with) is a column of no height."""
    top = max([0.3, *(one["worst"] * 1.1 for one in reports if one["worst"] is not None)])
    weeks = tuple(Week(one, round(100 * (one["worst"] or 0) / top, 1), level(one["worst"])) for one in reversed(reports))
    return Drift(weeks, round(100 * STEADY / top, 1), round(100 * DRIFTED / top, 1))
