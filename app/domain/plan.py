"""What `resolve` gives back: after-images of what changed, as rows that no longer depend on each other."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.domain.events import Event, ProfileImport
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.orders import Reckoning
from app.domain.profiles import IdentifierState, Merge, OpenLink, Profile, Review


class Outcome(StrEnum):
    CREATED = "created"
    ATTACHED = "attached"
    MERGED = "merged"
    REVIEW = "review"
    DUPLICATE = "duplicate"
    UNIDENTIFIED = "unidentified"
    PARKED = "parked"
    IGNORED = "ignored"


class Answer(NamedTuple):
    """What one event's sender is told."""

    event_id: str
    type: str
    outcome: Outcome
    profile_id: str | None = None
    merge_id: str | None = None
    review_id: str | None = None


class Known(NamedTuple):
    """What is remembered of an event stored earlier: what its sender was told, and the request that stored it."""

    answer: Answer
    request_id: str

    def again(self, request_id: str, first_sight: bool) -> Answer:
        """What is answered when it comes again: a duplicate, unless this very request stored it and never heard so."""
        own = first_sight and bool(request_id) and self.request_id == request_id
        return self.answer if own else self.answer._replace(outcome=Outcome.DUPLICATE)


class Hold(NamedTuple):
    """A new HAS_IDENTIFIER edge."""

    profile_id: str
    identifier: Identifier


class Absorption(NamedTuple):
    """One profile that lost its own standing, by which merge. `into` is who absorbed it, `survivor` who holds everything after
    the batch, `moved_by` the merge that brought it there."""

    profile_id: str
    into: str
    survivor: str
    merge_id: str
    moved_by: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A product intent an event showed. Score 0-100; status `active`, `converted` or `expired`."""

    intent_id: str
    event_id: str
    product_id: str | None
    product_name: str | None
    score: int
    status: str
    converted_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the log, whom it was attached to (after the batch), and whether that profile existed before.
    `moved_by` is the merge of the batch that brought it there, if one did."""

    event: Event
    clock: int
    profile_id: str | None
    matched: bool
    answer: Answer
    moved_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An imported profile with its place in the log."""

    imported: ProfileImport
    clock: int


class Moved(NamedTuple):
    """A stored event that is somebody else's than it was (None: nobody's), and the merge that brought it there."""

    event_id: str
    profile_id: str | None
    matched: bool
    moved_by: str | None


class Led(NamedTuple):
    """An id that leads elsewhere after a replay: into whom and by which merge (None: by none); into None is a tombstone."""

    profile_id: str
    into: str | None
    merge_id: str | None


class Parted(NamedTuple):
    """Who came apart in a replay: those who are a person now and whose evidence was `profile_id`'s before."""

    profile_id: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """How components that were folded anew differ from what stood. Beside it, the plan's other rows hold what is new.

    `at` and `because` say when and why. `revived` are ids that are a person (again); `led` those that are none. `unmade`
    are merges that stand no more. `rescored` are intents of a person who bought other things than was thought, with the score.
    """

    at: datetime
    because: str
    moved: tuple[Moved, ...] = ()
    revived: tuple[str, ...] = ()
    led: tuple[Led, ...] = ()
    parted: tuple[Parted, ...] = ()
    let_go: tuple[Hold, ...] = ()
    unmade: tuple[str, ...] = ()
    dropped_links: tuple[str, ...] = ()
    dropped_intents: tuple[str, ...] = ()
    rescored: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows to write. Profiles and identifiers are after-images; the rest is new (reviews: new or moved).

    `reckoned` are stored or new purchases and refunds, by event id, that count otherwise than they did, or than as they came.
    `adopted` are stored events that were attached to nobody and are somebody's from now on.
    `founded` names the profiles that are new; `stillborn` are new ones that another absorbed within the batch.
    `brought` says which merge, if any, brought an identifier to its holder: of the plan's own holds, of a replay of all.
    `rewrite` is there when a replay changed what stood: then merges and links may also be changed ones, and who was
    absorbed stands in it instead of in `absorptions`.
    """

    answers: tuple[Answer, ...] = ()
    events: tuple[StoredEvent, ...] = ()
    imports: tuple[StoredImport, ...] = ()
    identifiers: tuple[IdentifierState, ...] = ()
    profiles: tuple[Profile, ...] = ()
    founded: frozenset[str] = frozenset()
    stillborn: tuple[Profile, ...] = ()
    holds: tuple[Hold, ...] = ()
    brought: tuple[tuple[Hold, str | None], ...] = ()
    absorptions: tuple[Absorption, ...] = ()
    merges: tuple[Merge, ...] = ()
    links: tuple[OpenLink, ...] = ()
    reviews: tuple[Review, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    intents: tuple[Intent, ...] = ()
    closed_intents: tuple[tuple[str, str, str | None], ...] = ()
    reckoned: tuple[tuple[str, Reckoning], ...] = ()
    adopted: tuple[Moved, ...] = ()
    rewrite: Rewrite | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing to write: every event was already known."""
        return not (self.events or self.imports or self.judgements or self.rewrite or self.identifiers)
