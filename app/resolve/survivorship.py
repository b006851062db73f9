"""Which value of an attribute survives, and how two profiles become one."""

from collections.abc import Iterable
from datetime import datetime

from app.domain.consent import CONSENTS, meant
from app.domain.events import Event
from app.domain.profiles import Attribute, Profile
from app.domain.rules import ALL_OTHERS, Trust
from app.resolve.intents import cap_bought, cap_open

# Of one profile, so that a sender who makes up names does not make it grow for ever. The first by name stay, whatever the
# order they came in: a name that has fallen out never comes back, since names are only ever added. What people said of messages
# is not counted: nobody's no falls out.
MAX_ATTRIBUTES = 200


def survive(held: tuple[Attribute, ...], offered: Iterable[Attribute], trust: Trust) -> tuple[Attribute, ...]:
    """The value of the most trusted source wins, of equally trusted ones the newest, of equally new ones the larger.

    Of what people said of messages the latest yes or no wins, whoever passed it on, and of two at one moment the no.
    An order of values, so that the order in which they come never matters. A null is never offered, so it never blanks a value.
    """
    best = {attribute.name: attribute for attribute in held}
    for new in offered:
        old = best.get(new.name)
        if old is None or _weight(new, trust) > _weight(old, trust):
            best[new.name] = new
    names = sorted(best)
    if len(names) > MAX_ATTRIBUTES:
        others = [name for name in names if name not in CONSENTS]
        names = sorted([*others[:MAX_ATTRIBUTES], *CONSENTS.intersection(names)])
    return tuple(best[name] for name in names)


def _weight(said: Attribute, trust: Trust) -> tuple[int, datetime, str, str, str]:
    """What is compared; who gave it comes last, for values that are the same."""
    if said.name in CONSENTS:
        meaning = meant(said.value)
        return int(meaning is not None), said.occurred_at, f"{meaning is False:d}{said.value}", said.given_by, said.source
    order = trust.get(said.name, trust.get(ALL_OTHERS, ()))
    rank = len(order) - order.index(said.source) if said.source in order else 0
    return rank, said.occurred_at, said.value, said.given_by, said.source


def attributes_of(event: Event) -> tuple[Attribute, ...]:
    given = event.occurred_at, event.event_id, event.source
    return tuple(Attribute(name, value, *given) for name, value in event.attributes if value)


def add_spend(spend: tuple[tuple[str, int], ...], more: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Sums by currency; different currencies are never added together, and what comes to nothing is left out."""
    totals = dict(spend)
    for currency, minor in more:
        totals[currency] = totals.get(currency, 0) + minor
    return tuple(sorted((currency, minor) for currency, minor in totals.items() if minor))


def earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None or (one is not None and one <= other) else other


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None or (one is not None and one >= other) else other


def unite(base: Profile, other: Profile, trust: Trust) -> Profile:
    """`base` after it absorbed `other`: everything summed or united, the base's identity kept."""
    return base._replace(
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
        attributes=survive(base.attributes, other.attributes, trust),
        bought=cap_bought(base.bought + other.bought),
        intents=cap_open(base.intents + other.intents),
    )
