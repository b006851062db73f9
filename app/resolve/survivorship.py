"""Which value of an attribute survives, and how two profiles become one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.domain.events import Event
from app.domain.profiles import Attribute, Profile
from app.resolve.intents import cap_bought, cap_open

# Of one profile, so that a sender who makes up names does not make it grow for ever. The first by name stay, whatever the
# order they came in: a name that has fallen out never comes back, since names are only ever added.
MAX_ATTRIBUTES = 200


def survive(held: tuple[Attribute, ...], offered: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """The newest value of each name wins; of two equally new, the larger giver id (so that order never matters).

    A null is never offered, so it never blanks a value.
    """
    best = {attribute.name: attribute for attribute in held}
    for new in offered:
        old = best.get(new.name)
        if old is None or (new.occurred_at, new.given_by) > (old.occurred_at, old.given_by):
            best[new.name] = new
    return tuple(best[name] for name in sorted(best)[:MAX_ATTRIBUTES])


def offered_by(event: Event) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, value, event.occurred_at, event.event_id) for name, value in event.attributes if value)


def add_spend(spend: tuple[tuple[str, int], ...], more: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Sums by currency; different currencies are never added together."""
    totals = dict(spend)
    for currency, minor in more:
        totals[currency] = totals.get(currency, 0) + minor
    return tuple(sorted(totals.items()))


def earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def unite(base: Profile, other: Profile) -> Profile:
    """`base` after it absorbed `other`: everything summed or united, the base's identity kept."""
    return replace(
        base,
        delivery_id=base.delivery_id if base.delivery_id == other.delivery_id else "",  # older than either delivery
        first_seen=earliest(base.first_seen, other.first_seen),
        last_seen=latest(base.last_seen, other.last_seen),
        strong=base.strong | other.strong,
        anonymous=base.anonymous | other.anonymous,
        absorbed=base.absorbed | other.constituents,
        spend=add_spend(base.spend, other.spend),
        orders=base.orders + other.orders,
        opening_spend=add_spend(base.opening_spend, other.opening_spend),
        opening_orders=base.opening_orders + other.opening_orders,
        confirmed=base.confirmed + other.confirmed,
        events=base.events + other.events,
        cumulative=base.cumulative + other.cumulative + other.is_strong,
        tags=base.tags | other.tags,
        clock=max(base.clock, other.clock),
        attributes=survive(base.attributes, other.attributes),
        bought=cap_bought(base.bought + other.bought),
        intents=cap_open(base.intents + other.intents),
    )
