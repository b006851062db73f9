"""Any order of one history, with duplicates and late arrivals, makes the same people. (tests/api/test_any_order.py: through
HTTP and Neo4j.)"""

import random
from datetime import UTC, datetime

import orjson

from app.domain.profiles import Profile
from app.domain.state import State
from app.sources import canonical
from app.sources.base import Defaults, Delivery
from tests.resolve.world import World

ORDERS = 200
KIOSK = "kiosk-1"


def person(n: int) -> list[dict[str, object]]:
    """What one person does over five channels, in the order in which it happened. Six use the shop's kiosk: it is shared."""
    mail, phone, card, cookie = f"p{n}@mail.org", f"+1415555{3000 + n}", f"L-{n}", f"c-{n}"
    carried = [
        {"cookie": cookie},
        {"cookie": cookie, "email": mail},
        {"email": mail, "cookie": KIOSK},
        {"phone": phone, "loyalty_id": card},
        {"loyalty_id": card, "email": mail},
        {"phone": phone},
    ]
    return [
        {
            "type": "purchase" if n_th % 2 else "page_view",
            "occurred_at": f"2024-0{1 + n_th}-1{n}T10:00:00Z",
            "identifiers": identifiers,
            "idempotency_key": f"{n}-{n_th}",
            "properties": {"total": 10 * n + n_th, "currency": "USD", "first_name": f"Name {n_th}"} if n_th % 2 else {},
        }
        for n_th, identifiers in enumerate(carried)
    ]


HISTORY = [event for n in range(6) for event in person(n)]


def arrived(order: int) -> list[dict[str, object]]:
    """The history in an order of its own, some events twice."""
    chance = random.Random(order)
    events = [*HISTORY, *chance.sample(HISTORY, 6)]
    chance.shuffle(events)
    return events


def folded(order: int) -> list[dict[str, object]]:
    """The people whom the core makes of it, event by event."""
    at = datetime(2024, 9, 1, tzinfo=UTC)
    body = orjson.dumps(arrived(order))
    parsed = canonical.parse(Delivery("any-order", {}, body, at, "request"), Defaults())
    world = World(brand="any-order")
    for event in parsed.events:
        world.take([event])
    return sorted(
        (of_profile(world.state, one) for one in world.state.profiles.values()), key=lambda one: str(one["identifiers"])
    )


def of_profile(state: State, profile: Profile) -> dict[str, object]:
    """All that does not depend on the order by nature: ids do, and how often somebody was known before buying again."""
    held = (node for node in state.identifiers.values() if profile.profile_id in state.holders(node.identifier))
    return {
        "identifiers": sorted((*node.identifier, node.first_seen, node.last_seen) for node in held),
        "spend": dict(profile.spend),
        "orders": profile.orders,
        "seen": (profile.first_seen, profile.last_seen),
        "attributes": [(one.name, one.value) for one in profile.attributes],
    }


def test_two_hundred_orders_make_the_same_people() -> None:
    expected = folded(0)
    assert [len(one["identifiers"]) for one in expected] == [4] * 6  # type: ignore[arg-type]
    for order in range(1, ORDERS):
        assert folded(order) == expected, f"order {order}"
