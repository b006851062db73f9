"""What the fold keeps: identifiers with their holders, profiles, open links, reviews and merges. All frozen.

Identifiers and profiles are named tuples: each event makes new ones of those it touches, which a tuple does ten times as fast
as a dataclass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.domain.identifiers import STRONG, Identifier


class Tag(NamedTuple):
    """One side of a DISTINCT judgement. Two tags of one judgement on different sides clash."""

    judgement_id: str
    side: int


def clash(tags: Iterable[Tag]) -> bool:
    """Whether two sides of one DISTINCT meet in these tags."""
    side_of: dict[str, int] = {}
    return any(side_of.setdefault(tag.judgement_id, tag.side) != tag.side for tag in tags)


class Standing(StrEnum):
    """Whether an identifier may link people. Only `LINKABLE` ones are held."""

    LINKABLE = "linkable"
    BLOCKED = "blocked"
    SHARED = "shared"


class IdentifierState(NamedTuple):
    """An identifier as the graph knows it.

    `holders` are profile ids (several only after imports). `seen_with` are identifiers carried beside it in one event;
    `through`, for an anonymous one, the strong identifiers carried beside those: what a shared identifier is recognised
    by. Of each type a few more than any fan-out limit are kept. `declared` is what an admin said of it, whatever was seen.
    """

    identifier: Identifier
    holders: frozenset[str] = frozenset()
    standing: Standing = Standing.LINKABLE
    declared: Standing | None = None
    seen_with: frozenset[Identifier] = frozenset()
    through: frozenset[Identifier] = frozenset()
    tags: frozenset[Tag] = frozenset()
    clock: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    source: str = ""

    @property
    def strong_beside(self) -> dict[str, int]:
        """With how many values of each strong type it was carried, or (an anonymous one) its neighbours were."""
        counts: dict[str, int] = {}
        for other in self.seen_with | self.through:
            if other.type in STRONG:
                counts[other.type] = counts.get(other.type, 0) + 1
        return counts


class Attribute(NamedTuple):
    """A golden attribute: the value that survived, when it was true, the event (or import) that gave it, and its source."""

    name: str
    value: str
    occurred_at: datetime
    given_by: str
    source: str = ""  # of values that were stored before sources were


class OpenIntent(NamedTuple):
    """An active product intent: when it arrived, its id, and the product keys (`Item.keys`) a purchase closes it by."""

    shown_at: datetime
    intent_id: str
    keys: tuple[str, ...]


class Profile(NamedTuple):
    """A person as the evidence shows them: a projection that replay can rebuild.

    Amounts are minor units by currency. `founded_by` is the event or import that made it, `founded_on` the identifier
    when the founder made several (its anchor). `strong` are the strong identifiers held, `anonymous` the anonymous
    types held. `confirmed` counts orders that met a profile already there; `cumulative` counts strong profiles
    absorbed automatically since a person last decided. `opening_*` is the balance an import brought.
    """

    profile_id: str
    founded_by: str
    delivery_id: str
    created_at: datetime
    founded_on: Identifier | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    strong: frozenset[Identifier] = frozenset()
    anonymous: frozenset[str] = frozenset()
    absorbed: frozenset[str] = frozenset()
    spend: tuple[tuple[str, int], ...] = ()
    orders: int = 0
    opening_spend: tuple[tuple[str, int], ...] = ()
    opening_orders: int = 0
    confirmed: int = 0
    events: int = 0
    cumulative: int = 0
    tags: frozenset[Tag] = frozenset()
    clock: int = 0
    attributes: tuple[Attribute, ...] = ()
    bought: tuple[str, ...] = ()
    intents: tuple[OpenIntent, ...] = ()

    @property
    def is_strong(self) -> bool:
        return bool(self.strong)

    @property
    def constituents(self) -> frozenset[str]:
        return self.absorbed | {self.profile_id}


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Evidence that profiles may be one person, which no rule let merge. `profile_ids` are as they were at the time.

    `link_id` is the event (or the admin's proposal) that drew it, `rule_version` the rules it was judged by.
    """

    link_id: str
    profile_ids: frozenset[str]
    rule: str
    reason: str
    clock: int
    opened_at: datetime
    rule_version: str = field(default="", compare=False)

    @property
    def place(self) -> tuple[int, str]:
        """In the order of the log."""
        return self.clock, self.link_id


class ReviewStatus(StrEnum):
    PENDING = "pending"
    MERGED = "merged"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Review:
    """A connected component of open links over pairs that are not forbidden. `version` moves when its members do."""

    review_id: str
    link_ids: frozenset[str]
    profile_ids: frozenset[str]
    reason: str
    event_id: str
    created_at: datetime
    version: int = 1
    status: ReviewStatus = ReviewStatus.PENDING


@dataclass(frozen=True, slots=True)
class Merge:
    """One act of merging: who absorbed whom, what they were, what they became, because of what, and by which rules.

    `held` is what each of them held just before it, where a replay tells (None: what they hold now, for whoever merges now).
    """

    merge_id: str
    base_id: str
    absorbed_ids: tuple[str, ...]
    reason: str
    because: str
    decided_by: str
    decided_at: datetime
    before: tuple[Profile, ...]
    after: Profile
    note: str = ""
    rule_version: str = ""
    held: Mapping[str, frozenset[Identifier]] | None = None
