"""What an explanation stands on: what was seen, what was merged and what people decided, as frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.identifiers import Identifier
from app.domain.profiles import OpenLink, Profile, Standing
from app.domain.state import Anchor, Entry, find


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event (or import) and the identifiers it carried.

    `profile_id` is the profile it was attached to when it came, `person` who answers for it today.
    """

    event_id: str
    source: str
    type: str
    occurred_at: datetime
    clock: int
    outcome: str
    identifiers: frozenset[Identifier]
    profile_id: str | None = None
    person: str | None = None

    @property
    def place(self) -> tuple[int, str]:
        """In the order of the log."""
        return self.clock, self.event_id


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: a judgement, without its sides."""

    judgement_id: str
    kind: str
    decided_by: str
    decided_at: datetime
    reason: str = ""
    note: str = ""
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review and the links that made it."""

    review_id: str
    status: str
    reason: str
    links: tuple[OpenLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Absorbed:
    """One profile absorbed by another. `because` is an event or, when a person decided, a judgement.

    Where a replay moved all of it, by no one merge, `merge_id` and `because` are empty and `decided_at` is None.
    `held` is what each profile of the merge held just before it; `rule_version` the rules that it was judged by ("" when they
    were not written down).
    """

    gone: str
    into: str
    merge_id: str
    reason: str
    because: str
    decided_by: str
    decided_at: datetime | None
    note: str = ""
    held: Mapping[str, frozenset[Identifier]] = field(default_factory=dict)
    rule_version: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was read about one person, or two; `links` are those that the sightings drew. `truncated` when there is more
    than was read."""

    people: Mapping[str, Profile]
    absorbed: tuple[Absorbed, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    decisions: tuple[Decision, ...] = ()
    reviews: tuple[Waiting, ...] = ()
    held: tuple[Identifier, ...] = ()
    standings: Mapping[Identifier, Standing] = field(default_factory=dict)
    links: tuple[OpenLink, ...] = ()
    truncated: bool = False

    def find(self, profile_id: str) -> str:
        """Who answers for an id."""
        return find({act.gone: act.into for act in self.absorbed}, profile_id)


@dataclass(frozen=True, slots=True)
class Component:
    """All evidence of whole components: what a fold of them needs, read without lock.

    `log` gives each entry with its clock, `issued` the ids they founded. `standings` are the identifiers of which more than
    this log knows whether they link: shared ones, and those an admin spoke of.
    """

    brand_id: str
    log: tuple[tuple[int, Entry], ...]
    issued: Mapping[str, Anchor]
    standings: Mapping[Identifier, Standing]
