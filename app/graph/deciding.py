"""Who decides: what a person's act on identities is done with, whichever room does it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from app.domain.brands import brand_of
from app.domain.judgements import Act
from app.domain.times import whole_milliseconds
from app.graph.rulebook import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Act):
    """An act that is carried out: in which currency (ISO 4217) the brand counts, and where its rules are found."""

    currency: str
    book: RuleBook


class Decider(Protocol):
    """Makes the decision that a call is, of its brand, its note and who it is by: unless told, whoever asks."""

    def __call__(self, brand: str | None, note: str | None, by: str | None = None) -> Decision: ...


def decider(book: RuleBook, currency: str, asking: Callable[[], str | None] = lambda: None) -> Decider:
    """`asking` names who asks, where that is known."""

    def decision(brand: str | None, note: str | None, by: str | None = None) -> Decision:
        by = by or asking() or "admin"
        at = whole_milliseconds(datetime.now(UTC))
        return Decision(brand_of(brand), by, at, uuid.uuid4().hex, note or "", currency=currency, book=book)

    return decision
