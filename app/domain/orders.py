"""An order's life: what its sender's events tell of it, and how its purchase and refunds count by all of that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.domain.events import ORDER_CANCELLED, ORDER_UPDATED, PURCHASE, REFUND, Event, Money

COUNTED = (PURCHASE, REFUND)
UNIQUE = frozenset({"shopify"})  # senders who give no order's number to another one
MOST_TOLD = 200  # events of one order; a number that is told of more often is no order's


class Told(NamedTuple):
    """What one event tells of its order, whom it was attached to (None: nobody), and whether that profile existed before.

    `at` is when it happened at its sender's: the latest word on an order counts, whenever it came, and of one moment the
    highest `revision`. `products` are the keys of what a purchase brought, for whose it turns out to be. `backfill`: it was
    brought in after the fact.
    """

    event_id: str
    type: str
    at: datetime
    total: Money | None
    clock: int
    matched: bool
    profile_id: str | None
    revision: int = 0
    products: tuple[str, ...] = ()
    backfill: bool = False

    @property
    def said_at(self) -> tuple[datetime, int]:
        """By which of two words is the later one."""
        return self.at, self.revision


class Reckoning(NamedTuple):
    """How a purchase or a refund counts, where not as it came: its order was called off, or it came to another amount."""

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
    products = event.products if event.is_purchase else ()
    said = event.event_id, event.type, event.occurred_at, event.total
    return Told(*said, clock, matched, profile_id, event.revision, products, event.backfill)


def is_taken(order: tuple[Told, ...], event: Event) -> bool:
    """Whether an event's number is another order's already. An order has one purchase, the first that came: tills begin their
    numbers anew each day, and some senders number everything 0."""
    return len(order) >= MOST_TOLD or (event.type == PURCHASE and any(one.type == PURCHASE for one in order))


def told_already(order: tuple[Told, ...], event: Event, people: Collection[str] | None) -> Told | None:
    """The purchase or refund that an order was told of before, if an event tells it again under another key.

    Where no number is given twice, an order has the purchase that it has. Two subscriptions to one topic are two deliveries of
    one purchase, alike in its time, its total and its buyer; `people` hold all that the event names (None when some of it is
    nobody's yet: another buyer, whose test took the same number). What was brought in, or is by now, needs not be alike: an
    export has other keys, and tells what became of an order. A refund is then the one of as much at the same moment.
    """
    if event.source not in UNIQUE:
        return None
    return next((one for one in order if one.type == event.type and _is_told_again(one, event, people)), None)


def _is_told_again(one: Told, event: Event, people: Collection[str] | None) -> bool:
    same = (one.at, one.total) == (event.occurred_at, event.total)
    if one.backfill or event.backfill:
        return event.is_purchase or (same and event.type == REFUND)
    return event.is_purchase and same and people is not None and (not people or one.profile_id in people)


def reckoned(order: tuple[Told, ...]) -> dict[str, Reckoning]:
    """The purchases and refunds of an order that do not count as they came, by event id.

    An order that was called off comes to nothing, its refunds too. The total told last is its purchase's, refunds not
    taken off: each is an event of its own. One that does not say how much is of all that is left.
    """
    if len(order) == 1:
        return {}
    counted = [one for one in order if one.type in COUNTED]
    cancelled_at = min((one.at for one in order if one.type == ORDER_CANCELLED), default=None)
    found = {one.event_id: Reckoning(cancelled_at) for one in counted if cancelled_at is not None}
    purchase = next((one for one in counted if one.type == PURCHASE), None)
    updates = (one for one in order if one.type == ORDER_UPDATED and one.total is not None)
    last = max(updates, key=lambda one: (one.said_at, one.event_id), default=None)
    if purchase is None:
        return found
    total = purchase.total
    if last is not None and last.said_at >= purchase.said_at and last.total != purchase.total:
        total = last.total
        found[purchase.event_id] = Reckoning(cancelled_at, last.total, last.at)
    if total is not None:
        refunds = [one for one in counted if one.type == REFUND]
        found |= {key: Reckoning(cancelled_at, rest, at) for key, at, rest in _rests(refunds, total)}
    return found


def _rests(refunds: list[Told], total: Money) -> Iterator[tuple[str, datetime, Money]]:
    """What the refunds that do not say how much come to: the first of them to all that the others left, the rest to nothing."""
    told = sum(one.total.minor for one in refunds if one.total is not None and one.total.currency == total.currency)
    left = max(0, total.minor + told)
    for one in sorted((one for one in refunds if one.total is None), key=lambda one: (one.at, one.event_id)):
        yield one.event_id, one.at, Money(-left, total.currency)
        left = 0


def shares(order: tuple[Told, ...], counting: Mapping[str, Reckoning]) -> list[Share]:
    """What the events of one order add to the profiles that they are attached to: what names nobody is nobody's.

    `counting` is what `reckoned` says of the order.
    """
    found = []
    for one in order:
        how = counting.get(one.event_id, AS_IT_CAME)
        if one.profile_id is not None and one.type in COUNTED and how.cancelled_at is None:
            bought = one.type == PURCHASE
            found.append(Share(one.profile_id, how.revised or one.total, int(bought), int(bought and one.matched)))
    return found


def buyer(order: Sequence[Told]) -> str | None:
    """Whose an order is: whoever its purchase names, else whom an update named first (a till learns that after the payment).

    Whatever is told of it without naming anybody goes there. None before its purchase is told.
    """
    purchase = next((one for one in order if one.type == PURCHASE), None)
    if purchase is None or purchase.profile_id is not None:
        return purchase and purchase.profile_id
    named = [(one.clock, one.profile_id) for one in order if one.type == ORDER_UPDATED and one.profile_id is not None]
    return min(named)[1] if named else None
