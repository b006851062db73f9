"""What a person decided. Judgements are entries in the same log as events; DISTINCT holds from the log's beginning."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.identifiers import Identifier

SENDER_MERGE = "sender_merge"  # what merge history says of one that a sender told of (`Event.joins`)


class JudgementKind(StrEnum):
    SAME = "same"  # these are one person
    DISTINCT = "distinct"  # these are not, whatever later evidence says
    PROPOSED = "proposed"  # an admin asked for a merge above the cap: a review, not a merge


@dataclass(frozen=True, slots=True)
class Side:
    """What a judgement speaks of: profile ids (with all they had absorbed) and identifiers. These are its atoms."""

    profile_ids: frozenset[str] = frozenset()
    identifiers: frozenset[Identifier] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """SAME and PROPOSED have one side, DISTINCT two or more. `clock` is its place in the log.

    `reason` is what merge history says of a SAME (`identifier_match`, `manual_review`); `review_id` the review decided.
    """

    judgement_id: str
    kind: JudgementKind
    sides: tuple[Side, ...]
    decided_by: str
    decided_at: datetime
    reason: str = ""
    note: str = ""
    review_id: str | None = None
    clock: int = 0
    retracted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A person's act on a brand's identities: whose it is, when, and why. `request_id` makes ids that a retry gives again."""

    brand_id: str
    by: str
    at: datetime
    request_id: str
    note: str = ""

    def judges(
        self, judgement_id: str, kind: JudgementKind, sides: tuple[Side, ...], reason: str = "", review_id: str | None = None
    ) -> Judgement:
        return Judgement(judgement_id, kind, sides, self.by, self.at, reason, self.note, review_id)
