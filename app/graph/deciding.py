"""Who decides: what a person's act on identities is done with, whichever room does it."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from app.domain.brands import brand_of
from app.domain.times import whole_milliseconds
from app.graph.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, when, about which brand, and where its rules are found. `request_id` makes ids that a retry gives again."""

    brand_id: str
    currency: str
    book: RuleBook
    by: str
    at: datetime
    request_id: str
    note: str = ""


class Decider(Protocol):
    """Makes the decision that a call is, of its brand, its note and who it is by."""

    def __call__(self, brand: str | None, note: str | None, by: str = "admin") -> Decision: ...


def decider(book: RuleBook, currency: str) -> Decider:
    def decision(brand: str | None, note: str | None, by: str = "admin") -> Decision:
        at = whole_milliseconds(datetime.now(UTC))
        return Decision(brand_of(brand), currency, book, by, at, uuid.uuid4().hex, note or "")

    return decision
