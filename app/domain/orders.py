"""An order's life: what its sender's events tell of it, and how its purchase and refunds count by all of that."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from app.domain.events import ORDER_CANCELLED, ORDER_UPDATED, PURCHASE, REFUND, Event, Money


class Told(NamedTuple):
    """What one event tells of its order, whom it was attached to (None: nobody), and whether that profile existed before.

    `at` is when it happened at its sender's: the latest word on an order counts, whenever it came.
    """

    event_id: str
    type: str
    at: datetime
    total: Money | None
    clock: int
    matched: bool
    profile_id: str | None

    @property
    def place(self) -> tuple[int, str]:
        """In the order of the log."""
        return self.clock, self.event_id


class Reckoning(NamedTuple):
    """How a purchase or a refund counts, where not as it came: its order was called off, or came to another total."""

    cancelled_at: datetime | None = None
    revised: Money | None = None
    revised_at: datetime | None = None


AS_IT_CAME = Reckoning()


class Share(NamedTuple):
    """What a purchase or a refund adds to a profile: an amount (a refund's is negative), orders, and confirmations."""

    profile_id: str
    amount: Money | None
    orders: int
    confirmed: int


def told(event: Event, clock: int, matched: bool, profile_id: str | None) -> Told:
    return Told(event.event_id, event.type, event.occurred_at, event.total, clock, matched, profile_id)


def reckoned(order: Iterable[Told]) -> dict[str, Reckoning]:
    """The purchases and refunds of an order that do not count as they came, by event id.

    An order that was called off comes to nothing, its refunds too. The total told last is its purchase's, refunds not
    taken off: each is an event of its own.
    """
    order = tuple(order)
    counted = [one for one in order if one.type in (PURCHASE, REFUND)]
    cancelled_at = min((one.at for one in order if one.type == ORDER_CANCELLED), default=None)
    found = {one.event_id: Reckoning(cancelled_at) for one in counted if cancelled_at is not None}
    purchase = min((one for one in counted if one.type == PURCHASE), key=lambda one: one.place, default=None)
    updates = (one for one in order if one.type == ORDER_UPDATED and one.total is not None)
    last = max(updates, key=lambda one: (one.at, one.event_id), default=None)
    if purchase is not None and last is not None and last.at >= purchase.at and last.total != purchase.total:
        found[purchase.event_id] = Reckoning(cancelled_at, last.total, last.at)
    return found


def shares(order: Iterable[Told]) -> list[Share]:
    """What the events of one order add to whom. It is the order's person who spent the money and gets it back.

    A function of all that was told, in whatever order it came. What names nobody is nobody's, unless the rest does: but of
    two purchases under one number (tills begin anew each day) one may be anybody's.
    """
    order = tuple(order)
    if any(one.type == ORDER_CANCELLED for one in order):
        return []
    owner = person(order)
    bought = any(one.type == PURCHASE and one.profile_id is not None for one in order)
    revised = reckoned(order)
    found = []
    for one in order:
        if one.type == PURCHASE:
            to, total = one.profile_id or (None if bought else owner), revised.get(one.event_id, AS_IT_CAME).revised
            found += [Share(to, total or one.total, 1, int(one.matched))] if to else []
        elif one.type == REFUND and owner is not None:
            found.append(Share(owner, one.total, 0, 0))
    return found


def person(order: Iterable[Told]) -> str | None:
    """Whom its purchase names, else whom the first event names that names anybody."""
    named = [one for one in order if one.profile_id is not None]
    first = min(named, key=lambda one: (one.type != PURCHASE, one.place), default=None)
    return first.profile_id if first else None
