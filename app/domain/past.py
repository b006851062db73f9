"""How people stood at a moment: what travels from the fold of a shortened log to whoever shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from app.domain.events import Event, OrderKey, ProfileImport
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind
from app.domain.orders import Told
from app.domain.plan import Answer, Hold, Intent
from app.domain.profiles import IdentifierState, Merge, Profile, Review, Standing
from app.domain.state import Anchor, Entry, Home, Placed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moments:
    """Two clocks, either may be left out: `as_of` is by when it had happened, `known_at` by when we knew of it."""

    as_of: datetime | None = None
    known_at: datetime | None = None

    def happened(self, at: datetime) -> bool:
        return self.as_of is None or at <= self.as_of

    def knew(self, at: datetime) -> bool:
        return self.known_at is None or at <= self.known_at

    def holds(self, entry: Entry) -> bool:
        """Whether an entry of the log was there by then. A judgement speaks of people, and so of any time that we knew it."""
        match entry:
            case Event():
                return self.happened(entry.occurred_at) and self.knew(entry.received_at)
            case ProfileImport():
                return self.happened(entry.created_at) and self.knew(entry.received_at)
            case Judgement():
                return self.knew(entry.decided_at)


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known of one identifier beside its evidence: its standing today, and what admins declared, each with the time.

    One that was declared before times were kept has none, and holds from the beginning.
    """

    identifier: Identifier
    standing: Standing
    said: tuple[tuple[datetime | None, Standing | None], ...] = ()

    def by(self, when: Moments) -> Standing | None:
        """What stood declared by then."""
        known = [standing for at, standing in self.said if at is None or when.knew(at)]
        return known[-1] if known else None


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that a fold made, in the terms in which it is shown.

    `holds` says of each identifier held which merge brought it there, if one did. `places` are the ids that are no person,
    `absorbed` those of them that a merge absorbed, as they were. `led` says who answers for ids of today that were no person by
    then and that no merge absorbed, whether they were issued by then or not. Clocks are those of the fold, left at 0 in merges.
    """

    profiles: Mapping[str, Profile]
    identifiers: Mapping[Identifier, IdentifierState]
    holds: Mapping[Hold, str | None]
    homes: Mapping[str, Home]
    answers: Mapping[str, Answer]
    places: Mapping[str, Placed]
    led: Mapping[str, str | None]
    absorbed: Mapping[str, Profile]
    merges: Mapping[str, Merge]
    reviews: Mapping[str, Review]
    intents: Mapping[str, Intent]
    orders: Mapping[OrderKey, tuple[Told, ...]]

    def find(self, profile_id: str) -> str | None:
        """Who answers for an id; None for nobody (a tombstone, or an id of whose evidence nothing was there)."""
        at: str | None = profile_id
        while at is not None and at not in self.profiles:
            place = self.places.get(at)
            at = place.into if place is not None else self.led.get(at)
        return at


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole components as the graph keeps them today: what a shortened log is cut from.

    `shared_by_then` are identifiers whose evidence lies outside and made them shared by the moment asked about; `seen`
    says when these were first seen, and by which source, where it was read. `left_out`
    says that others around those were too many to be read.
    """

    brand_id: str
    log: tuple[tuple[int, Entry], ...]
    issued: Mapping[str, Anchor]
    homes: Mapping[str, Home]
    places: Mapping[str, Placed]
    reviews: Mapping[str, Review]
    declared: tuple[Declared, ...]
    shared_by_then: frozenset[Identifier] = frozenset()
    seen: Mapping[Identifier, tuple[datetime | None, str | None]] = field(default_factory=dict)
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """The components of one person, `person`, folded from different entries: `then` from those by the moments, `heard` from
    those that were known by then whenever they happened, `latest` from all.

    What was written once, when it came (what an event's sender was told, the snapshots of a merge), is shown as it was
    written where `heard` makes the same: less evidence, not a later decision, would have made it another.
    """

    when: Moments
    person: str
    log: tuple[tuple[int, Entry], ...]
    then: Shape
    heard: Shape
    latest: Shape
    whole: Whole

    @property
    def is_today(self) -> bool:
        """Whether all entries were there, so that everything is as it is stored: today seen through time travel is today."""
        return self.then is self.latest

    def home(self, event_id: str) -> Home:
        return self._of(self.whole.homes, self.then.homes, event_id)

    def place(self, profile_id: str) -> Placed:
        return self._of(self.whole.places, self.then.places, profile_id)

    def review(self, review_id: str) -> Review:
        return self._of(self.whole.reviews, self.then.reviews, review_id)

    def _of(self, stored: Mapping[str, T], then: Mapping[str, T], name: str) -> T:
        return stored.get(name, then[name]) if self.is_today else then[name]

    def answer(self, event_id: str) -> Answer | None:
        """What an event's sender would have heard by then, where that is not what they did hear."""
        answer = self.then.answers[event_id]
        return None if self.heard.answers.get(event_id) == answer else answer

    def ids(self) -> frozenset[str]:
        """Every id that there was."""
        return frozenset(self.then.profiles) | frozenset(self.then.places)

    def undone(self, merge: Merge) -> Judgement | None:
        """The judgement, standing then, that parts those whom a merge made one."""
        for _, entry in self.log:
            if isinstance(entry, Judgement) and entry.retracted_at is None and entry.kind is JudgementKind.DISTINCT:
                base = [side for side in entry.sides if merge.base_id in side.profile_ids]
                others = [side for side in entry.sides if not side.profile_ids.isdisjoint(merge.absorbed_ids)]
                if base and any(side not in base for side in others):
                    return entry
        return None
