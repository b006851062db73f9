"""Where what came to a profile is by now, and which merge brought it there. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from app.domain.identifiers import Identifier
from app.domain.plan import Absorption, Hold


class Gone(NamedTuple):
    """One absorption: the how manieth, into whom, by which merge."""

    place: int
    into: str
    merge_id: str


class Arrival(NamedTuple):
    """Who has it, since which absorption (-1: since it came), and the merge that brought it, if one did."""

    profile_id: str
    since: int
    moved_by: str | None


def arrival(absorbed: Mapping[str, Gone], profile_id: str) -> Arrival:
    """Of what came to a profile."""
    at, since, moved_by = profile_id, -1, None
    while at in absorbed:
        since, at, moved_by = absorbed[at]
    return Arrival(at, since, moved_by)


def absorptions(absorbed: Mapping[str, Gone]) -> tuple[Absorption, ...]:
    found = ((profile_id, one, arrival(absorbed, profile_id)) for profile_id, one in absorbed.items())
    return tuple(Absorption(who, one.into, end.profile_id, one.merge_id, end.moved_by or one.merge_id) for who, one, end in found)


def nobody(_: Identifier) -> tuple[str, ...]:
    """Who held an identifier before a history that is told from its beginning."""
    return ()


def brought(
    holds: Iterable[Hold], absorbed: Mapping[str, Gone], stood: Callable[[Identifier], Iterable[str]] = nobody
) -> dict[Hold, str | None]:
    """Who holds by now what these came to hold, and the merge that brought it there: of several the first, None where it needed
    none. `stood` is who held an identifier before any of these."""
    first: dict[Hold, Arrival] = {}
    for profile_id, identifier in holds:
        end = arrival(absorbed, profile_id)
        hold = Hold(end.profile_id, identifier)
        if hold not in first:
            ends = (arrival(absorbed, one) for one in stood(identifier)) if absorbed else ()
            first[hold] = min((end, *(one for one in ends if one.profile_id == end.profile_id)), key=_since)
        elif end.since < first[hold].since:
            first[hold] = end
    return {hold: end.moved_by for hold, end in first.items()}


def _since(one: Arrival) -> int:
    return one.since
