"""Which guard stopped a merge of two people, and the event that met it. Pure, over frozen rows.

The guards stand in the order of the design: the first that says no wins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.evidence import Decision, Evidence, Sighting
from app.domain.identifiers import STRONG, Identifier
from app.domain.profiles import OpenLink, Profile, Standing
from app.resolve.rules import RULES, Objection, human_said_no, over_the_limit

# Blocked and shared identifiers stand among the rules, and never come so far as to ask one.
_FIRST = (human_said_no.__name__, "blocked_value", over_the_limit.__name__, "shared_identifier")
# Every guard's place by its name; all other rules stand last.
PLACES = dict.fromkeys((rule.__name__ for rule in RULES), len(_FIRST) + 1) | {name: at for at, name in enumerate(_FIRST, 1)}

Node = str | Sighting | Identifier
"""On the way between two people: a profile id, an event, an identifier."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What stopped a merge. `place` is its place among the guards, `event` what met it (None: an admin's request, or nothing
    yet), `at` when, `rule_version` the rules of that time ("" when they were not written down)."""

    name: str
    reason: str
    event: Sighting | None = None
    at: datetime | None = None
    rule_version: str = ""

    @property
    def place(self) -> int:
        return PLACES[self.name]


def guard_of(link: OpenLink, sightings: Iterable[Sighting]) -> Guard:
    """The guard that an open link tells of."""
    event = next((seen for seen in sightings if seen.event_id == link.link_id), None)
    return Guard(link.rule, link.reason, event, link.opened_at, link.rule_version)


def guard_between(
    people: tuple[Profile, Profile],
    evidence: Evidence,
    decisions: Sequence[Decision],
    nearest: Sequence[Node],
    no: Objection | None,
) -> Guard | None:
    """What keeps two people apart, if anything had to: `decisions` against them, `nearest` the way between them, `no` what the
    rules say of them today."""
    met = [link for link in evidence.links if all(link.profile_ids & person.constituents for person in people)]
    if decisions:
        return _said_no(decisions, met, evidence)
    if met:
        return guard_of(min(met, key=lambda link: (PLACES[link.rule], link.place)), evidence.sightings)
    return _on_the_way(nearest, evidence, no) or _placeholder(people, evidence)


def _said_no(decisions: Sequence[Decision], met: Iterable[OpenLink], evidence: Evidence) -> Guard:
    last = max(decisions, key=lambda one: (one.decided_at, one.judgement_id))
    again = [link for link in met if link.rule == "human_said_no"]
    if again:
        return guard_of(min(again, key=lambda link: link.place), evidence.sightings)
    return Guard("human_said_no", f"{last.decided_by} decided that these are not the same", at=last.decided_at)


def _on_the_way(nearest: Sequence[Node], evidence: Evidence, no: Objection | None) -> Guard | None:
    """An identifier that links nobody, or one by which strangers met: where the way leads from one person to the other."""
    for before, identifier, after in zip(nearest, nearest[1:], nearest[2:], strict=False):
        if not (isinstance(identifier, Identifier) and isinstance(before, Sighting) and isinstance(after, Sighting)):
            continue
        event = max(before, after, key=lambda seen: seen.place)
        if evidence.standings.get(identifier) is Standing.SHARED:
            reason = f"{identifier} is shared: it was carried with too many people's identifiers, so it links nobody"
            return Guard("shared_identifier", reason, event, event.occurred_at)
        if no is not None and identifier.type not in STRONG and before.person != after.person:
            reason = f"{no.reason}; they met only through {identifier}, so the second did not join and nobody is asked"
            return Guard(no.rule, reason, event, event.occurred_at)
    return None


def _placeholder(people: tuple[Profile, Profile], evidence: Evidence) -> Guard | None:
    """A blocked value that both were seen with."""
    blocked = {identifier for identifier, standing in evidence.standings.items() if standing is Standing.BLOCKED}
    seen = [[one for one in evidence.sightings if one.person == person.profile_id] for person in people]
    both = blocked.intersection(*(_carried(own) for own in seen))
    if not both:
        return None
    identifier = min(both)
    event = max(
        (one for own in seen for one in own if identifier in one.identifiers), key=lambda one: (one.occurred_at, one.event_id)
    )
    return Guard(
        "blocked_value", f"{identifier} is a placeholder that stands for nobody, so it links nobody", event, event.occurred_at
    )


def _carried(sightings: Iterable[Sighting]) -> frozenset[Identifier]:
    return frozenset().union(*(seen.identifiers for seen in sightings))
