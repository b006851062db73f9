"""Features of a person: numbers over the neighbourhood in the graph. Nothing here ages: what depends on today's date
(recency, tenure) is worked out from the moments kept here when a person is scored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.domain.events import OF_ORDERS, PURCHASE, REFUND, Item
from app.graph.rows import DAY_MS, Row, key, spend_from

SCHEMA_VERSION = 5  # raise it when what is stored changes, and every set is built anew
MOST_ORDERS = 1_000  # of one person whose lines are looked at, the latest; their number, money and gaps are those of all
MOST_PRODUCTS, MOST_TIMES = 50, 5  # products remembered for recommendations, and times each was bought, the latest
# Days after which an order counts for 1/e of what it did. Sums of orders that fade do not age: from the last order on all of
# them fade alike, so what they were then says what they are at any later moment.
FADES = (7, 21, 60, 180)
UNSETTLED = -1  # no profile's clock: what was read is incomplete, and the next run builds it anew


@dataclass(frozen=True, slots=True)
class Seen:
    """Events of one type from one source: how many, what they come to, when the first and last happened (epoch milliseconds).

    Money is in the brand's currency; an event in another counts as one of 0. `turned` and `turns` are when orders among them were
    called off or revised last, and will be next: whoever does that need not be the buyer.
    """

    type: str
    source: str
    known: bool  # by the clock; others are still to come
    n: int
    minor: int
    first: int
    last: int
    turned: Sequence[int | None] = ()
    turns: Sequence[int | None] = ()


@dataclass(frozen=True, slots=True)
class Order:
    at: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What stands around one person. Money is minor units of `currency`.

    `held` are identifiers by type; `shared` are the shared identifiers that own events carried, `shared_degree` how often they
    did; `near` are other people who hold an identifier of this person (after imports), 100 at the most.
    """

    profile_id: str
    clock: int
    currency: str
    strength: int
    opening_minor: int
    opening_orders: int
    constituents: int
    seen: tuple[Seen, ...]
    gap_squares: float  # of all orders, days^2
    order_pulses: tuple[float, ...]  # of all orders, one of each of FADES, as of the last one
    money_pulses: tuple[float, ...]  # their money
    orders: tuple[Order, ...]  # the latest MOST_ORDERS, the earliest first
    visits: int
    minutes: int
    intents: int
    held: Mapping[str, int]
    shared: int
    shared_degree: int
    near: int


def features(around: Neighbourhood) -> Row:
    """The stored numbers of one person, by name. Money is integer minor units, times epoch milliseconds, gaps days."""
    past = [one for one in around.seen if one.known]
    bought = [one for one in past if one.type == PURCHASE]
    other = [one for one in past if one.type not in OF_ORDERS]  # what becomes of an order is the shop's doing
    times = [order.at for order in around.orders]
    spend = sum(one.minor for one in past if one.type in (PURCHASE, REFUND))
    orders = sum(one.n for one in bought)
    first, last = min((one.first for one in bought), default=None), max((one.last for one in bought), default=None)
    span = (last - first) / DAY_MS if first is not None and last is not None else 0.0
    # Lines count once, as the specification counts them: how many pieces says little of what somebody likes.
    categories = Counter(item.category for order in around.orders for item in order.items if item.category)
    channels: Counter[str] = Counter()
    for one in past:
        channels[one.source] += one.n
    return {
        "clock": around.clock,
        **_held_within(around.seen),
        "currency": around.currency,
        "profile_strength": around.strength,
        "orders": orders,
        "frequency": orders + around.opening_orders,
        "spend_minor": spend,
        "monetary_minor": spend + around.opening_minor,
        "first_order_at": first,
        "previous_order_at": times[-2] if len(times) > 1 else None,
        "last_order_at": last,
        "mean_gap_days": span / (orders - 1) if orders > 1 else None,
        "gap_squares": around.gap_squares,
        "order_pulses": list(around.order_pulses),
        "money_pulses": list(around.money_pulses),
        "activities": sum(one.n for one in other),
        "last_activity_at": max((one.last for one in other), default=None),
        "categories": [name for name, _ in categories.most_common(MOST_PRODUCTS)],
        "category_counts": [n for _, n in categories.most_common(MOST_PRODUCTS)],
        "channels": [name for name, _ in channels.most_common()],
        "channel_counts": [n for _, n in channels.most_common()],
        "visits": around.visits,
        "visit_minutes": around.minutes,
        "open_intents": around.intents,
        "identifier_types": sorted(around.held),
        "identifier_counts": [around.held[name] for name in sorted(around.held)],
        "shared_identifiers": around.shared,
        "shared_degree": around.shared_degree,
        "component_size": around.near + 1,
        "constituents": around.constituents,
        "products": orjson.dumps(products(around.orders)).decode(),
    }


def _held_within(seen: Sequence[Seen]) -> Row:
    """Between which of the job's clocks features are as they are: from the last thing that they know to the first to come."""
    known = [at for one in seen if one.known for at in (one.last, *one.turned) if at is not None]
    to_come = [one.first for one in seen if not one.known]
    to_come += [at for one in seen for at in one.turns if at is not None]
    return {"holds_from": max(known, default=None), "holds_until": min(to_come, default=None)}


def products(orders: Sequence[Order]) -> list[tuple[str, str, str | None, list[int]]]:
    """What a person bought lately: product key, name, id, and when (epoch milliseconds, the latest first)."""
    found: dict[str, tuple[str, str, str | None, list[int]]] = {}
    for order in reversed(orders):
        for item in order.items:
            if item.keys:
                # By name where there is one: a shop's variants are one product to whoever buys it again.
                name = item.keys[-1]
                entry = found.setdefault(name, (name, item.name or str(item.product_id), item.product_id, []))
                if len(entry[3]) < MOST_TIMES:
                    entry[3].append(order.at)
    return list(found.values())[:MOST_PRODUCTS]


def neighbourhood(row: Mapping[str, Any]) -> Neighbourhood:
    """From a row of cypher/learn/neighbourhoods.

    Neo4j shows a commit step by step while it puts it in place, so a clock may be seen an instant before its events are. The
    profile counts its events, in the same step as its clock: fewer than that are not all that the clock stands for.
    """
    currency = row["currency"]
    seen = tuple(Seen(**one) for one in row["seen"])
    return Neighbourhood(
        profile_id=row["profile_id"],
        clock=row["clock"] if sum(one.n for one in seen) >= row["events"] else UNSETTLED,
        currency=currency,
        strength=row["strength"],
        opening_minor=dict(spend_from(row["opening"])).get(currency, 0),
        opening_orders=row["opening_orders"] or 0,
        constituents=row["constituents"],
        seen=seen,
        gap_squares=row["gap_squares"],
        order_pulses=tuple(row["order_pulses"]),
        money_pulses=tuple(row["money_pulses"]),
        orders=tuple(reversed([_order(one) for one in row["orders"]])),
        visits=row["visits"],
        minutes=row["minutes"] or 0,
        intents=row["intents"],
        held=dict(row["held"]),
        shared=row["shared"],
        shared_degree=row["shared_degree"],
        near=row["near"],
    )


def feature_row(brand_id: str, around: Neighbourhood, as_of: int, built_at: int) -> Row:
    """A row of cypher/learn/features_write."""
    found = features(around)
    moments = ("first_order_at", "previous_order_at", "last_order_at", "last_activity_at")
    times = {name: [at for at in (found.pop(name),) if at is not None] for name in moments}
    named = {"key": key(brand_id, around.profile_id), "brand_id": brand_id, "profile_id": around.profile_id}
    return {
        "set": {**named, "schema_version": SCHEMA_VERSION, **found},
        "times": {**times, "as_of": [as_of], "built_at": [built_at]},
    }


def _order(row: Sequence[Any]) -> Order:
    at, facts = row
    items = orjson.loads(facts)["items"] if facts else []
    return Order(at, tuple(Item(*line) for line in items))
