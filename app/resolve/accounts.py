"""What people spent: the shares of their orders, counted anew whenever something is told of one. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.blocked import is_blocked
from app.domain.events import Event, OrderKey
from app.domain.orders import AS_IT_CAME, Share, Told, buyer, reckoned, shares, told
from app.resolve.intents import bought
from app.resolve.survivorship import add_spend, earliest, latest
from app.resolve.working import Working


def so_far(working: Working, event: Event) -> tuple[Told, ...]:
    """What was told of an event's order before it, each beside whom it is attached to by now."""
    order = event.order
    known = working.orders.get(order, ()) if order is not None else ()
    if not known:  # as nearly always
        return ()
    return tuple([one._replace(profile_id=working.find(one.profile_id)) if one.profile_id else one for one in known])


def holders_of(working: Working, event: Event) -> frozenset[str] | None:
    """Who hold what an event names, of what may link people; None when some of it was never seen."""
    named = [identifier for identifier in event.identifiers if not is_blocked(identifier)]
    if not all(working.is_known(identifier) for identifier in named):
        return None
    return frozenset().union(*(working.holders(identifier) for identifier in working.linkable(named)))


def count(working: Working, event: Event, clock: int, matched: bool, profile_id: str | None) -> None:
    """Takes in what an event tells of its order. One that does not say of which tells of one of its own."""
    new = told(event, clock, matched, profile_id)
    order, before = event.order, so_far(working, event)
    if order is not None and before:
        _count_anew(working, order, before, new)
        return
    if order is not None:
        working.orders[order] = (new,)
    _add(working, shares((new,), {}), 1)


def _count_anew(working: Working, order: OrderKey, before: tuple[Told, ...], new: Told) -> None:
    """What is told of an order changes what was told before: whose that is, and how it counts."""
    after = _followed((*before, new))
    working.orders[order] = after
    for was, now in zip(before, after, strict=False):
        if was.profile_id is None and now.profile_id is not None:
            _adopt(working, was, now.profile_id)
    stood, stands = reckoned(before), reckoned(after)
    _add(working, shares(before, stood), -1)
    _add(working, shares(after, stands), 1)
    keys = sorted(stood.keys() | stands.keys())  # one that is in neither counts as it came, as ever
    working.reckoned.update({key: stands.get(key, AS_IT_CAME) for key in keys if stands.get(key) != stood.get(key)})


def _followed(order: tuple[Told, ...]) -> tuple[Told, ...]:
    """What came before its order and named nobody is the buyer's from now on."""
    home = buyer(order)
    return tuple([one if one.profile_id else one._replace(profile_id=home) for one in order])


def _adopt(working: Working, one: Told, profile_id: str) -> None:
    """An event that was attached to nobody is this profile's after all. What its sender was told stays."""
    profile = working.profiles[profile_id]
    first, last = earliest(profile.first_seen, one.at), latest(profile.last_seen, one.at)
    wants = bought(profile, one.products, one.event_id)
    working.closed_intents.extend(wants.closed)
    working.put(
        profile._replace(events=profile.events + 1, first_seen=first, last_seen=last, bought=wants.bought, intents=wants.waiting)
    )
    working.homes[one.event_id] = profile_id
    for place, stored in enumerate(working.events):
        if stored.event.event_id == one.event_id:
            working.events[place] = replace(stored, profile_id=profile_id)
            return
    working.adopted[one.event_id] = profile_id


def _add(working: Working, found: Iterable[Share], sign: int) -> None:
    for share in found:
        profile = working.profiles[share.profile_id]
        spent = [(share.amount.currency, sign * share.amount.minor)] if share.amount else []
        working.put(
            profile._replace(
                spend=add_spend(profile.spend, spent),
                orders=profile.orders + sign * share.orders,
                confirmed=profile.confirmed + sign * share.confirmed,
            )
        )
