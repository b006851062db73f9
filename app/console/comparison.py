"""People side by side: in what they agree, and where they contradict each other. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.identifiers import PRIORITY


class Verdict(StrEnum):
    AGREE = "agree"  # at least two have the same, and nobody contradicts
    CONFLICT = "conflict"  # one person cannot have all of it
    DIFFER = "differ"  # each has their own, which one person may
    ALONE = "alone"  # only one has any


@dataclass(frozen=True, slots=True)
class Said:
    value: str
    shared: bool  # whether somebody else here has it too


Cell = tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What each of them has of something, in their order."""

    name: str
    cells: tuple[Cell, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """Identifiers are pairs of type and value."""

    identifiers: frozenset[tuple[str, str]]
    attributes: Mapping[str, str]


def candidate(identifiers: Iterable[Mapping[str, Any]], attributes: Mapping[str, str]) -> Candidate:
    return Candidate(frozenset((one["type"], one["value"]) for one in identifiers), attributes)


def compare(candidates: Sequence[Candidate], limits: Mapping[str, int]) -> list[Line]:
    """Identifiers by what they are worth, then attributes by name. `limits`: of how many values of a type one person may have."""
    types = {kind for one in candidates for kind, _ in one.identifiers}
    names = {name for one in candidates for name in one.attributes}
    held = (
        _line(kind, [sorted(value for of, value in one.identifiers if of == kind) for one in candidates], limits.get(kind))
        for kind in sorted(types, key=PRIORITY.__getitem__)
    )
    said = (
        _line(name, [[one.attributes[name]] if name in one.attributes else [] for one in candidates], 1) for name in sorted(names)
    )
    return [*held, *said]


def _line(name: str, values: Sequence[Sequence[str]], limit: int | None) -> Line:
    counts = Counter(meant for own in values for meant in {_meant(value) for value in own})
    cells = tuple(tuple(Said(value, counts[_meant(value)] > 1) for value in own) for own in values)
    return Line(name, cells, _verdict(values, counts, limit))


def _verdict(values: Sequence[Sequence[str]], counts: Counter[str], limit: int | None) -> Verdict:
    """More than one person may have is a conflict, unless one of them has so many already (as the rules see it)."""
    if sum(map(bool, values)) < 2:
        return Verdict.ALONE
    if limit is not None and len(counts) > max(limit, *map(len, values)):
        return Verdict.CONFLICT
    return Verdict.AGREE if max(counts.values()) > 1 else Verdict.DIFFER


def _meant(value: str) -> str:
    """Capitals and spaces are no contradiction."""
    return " ".join(value.casefold().split())


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Snapshots of who merged, the base first, and of who they became; `lines` has a cell for each and one for the whole."""

    before: tuple[Mapping[str, Any], ...]
    after: Mapping[str, Any]
    lines: tuple[Line, ...]


def before_after(before: Iterable[Mapping[str, Any]], after: Mapping[str, Any], limits: Mapping[str, int]) -> BeforeAfter:
    before = tuple(before)
    became = {line.name: line.cells for line in compare([_of(after)], limits)}
    parts = compare([_of(one) for one in before], limits)
    lines = tuple(Line(line.name, line.cells + became.get(line.name, ((),)), line.verdict) for line in parts)
    return BeforeAfter(before, after, lines)


def _of(snapshot: Mapping[str, Any]) -> Candidate:
    return candidate(snapshot["identifiers"], snapshot["attributes"])
