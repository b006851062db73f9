"""What the features of a person are, from what stands around them."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import Item
from app.graph.rows import DAY_MS
from app.learn.features import (
    MOST_PRODUCTS,
    MOST_TIMES,
    UNSETTLED,
    Neighbourhood,
    Order,
    Seen,
    features,
    neighbourhood,
    products,
)

NOBODY = Neighbourhood("p", 1, "USD", 40, 0, 0, 1, (), 0.0, (0.0,) * 4, (0.0,) * 4, (), 0, 0, 0, {}, 0, 0, 0)


def item(name: str, product_id: str | None = None, category: str | None = None) -> Item:
    return Item(product_id, name, category, "1.00", 1)


def test_nobody_has_numbers_too() -> None:
    found = features(NOBODY)
    assert (found["orders"], found["frequency"], found["monetary_minor"]) == (0, 0, 0)
    assert (found["last_order_at"], found["mean_gap_days"], found["holds_from"], found["holds_until"]) == (None,) * 4


def test_orders_money_gaps_and_what_was_there_before() -> None:
    orders = (Order(0, (item("A", category="X"),)), Order(4 * DAY_MS, ()), Order(10 * DAY_MS, (item("B"),)))
    seen = (Seen("purchase", "shopify", True, 3, 1500, 0, 10 * DAY_MS), Seen("page_view", "web", True, 2, 9, DAY_MS, 11 * DAY_MS))
    around = replace(NOBODY, seen=seen, gap_squares=52.0, orders=orders, opening_minor=250, opening_orders=2)
    found = features(around)
    assert (found["orders"], found["frequency"]) == (3, 5)
    assert (found["spend_minor"], found["monetary_minor"]) == (1500, 1750)
    assert (found["mean_gap_days"], found["gap_squares"]) == (5.0, 52.0)
    assert (found["previous_order_at"], found["last_order_at"]) == (4 * DAY_MS, 10 * DAY_MS)
    assert (found["activities"], found["last_activity_at"]) == (2, 11 * DAY_MS)
    assert (found["channels"], found["channel_counts"]) == (["shopify", "web"], [3, 2])


def test_they_hold_until_something_happens() -> None:
    seen = (
        Seen("purchase", "pos", True, 1, 7, 5, 5),
        Seen("purchase", "pos", False, 1, 7, 9, 9),
        Seen("page_view", "web", False, 1, 0, 8, 20),
    )
    found = features(replace(NOBODY, seen=seen))
    assert (found["holds_from"], found["holds_until"], found["orders"], found["spend_minor"]) == (5, 8, 1, 7)


def test_products_are_one_by_name_else_by_id() -> None:
    bought = (Order(1, (item("Shoe", "P1"), Item("P9", None, None, None, 1))), Order(2, (item("shoe ", "P2"),)))
    assert products(bought) == [("name:shoe", "shoe ", "P2", [2, 1]), ("id:P9", "P9", "P9", [1])]


ROW: dict[str, object] = {
    "profile_id": "p", "clock": 7, "events": 2, "currency": "USD", "strength": 40, "opening": [], "opening_orders": 0,
    "constituents": 1, "gap_squares": 0.0, "order_pulses": [], "money_pulses": [],
    "orders": [], "visits": 0, "minutes": 0, "intents": 0, "held": [], "shared": 0,
    "shared_degree": 0, "near": 0,
}  # fmt: skip


@pytest.mark.parametrize(("seen", "clock"), [(1, UNSETTLED), (2, 7), (3, 7)])
def test_a_clock_counts_only_with_all_its_events(seen: int, clock: int) -> None:
    """Fewer events than the profile counts: its commit was seen half in place. More: others committed since."""
    told = {"type": "page_view", "source": "web", "known": True, "n": seen, "minor": 0, "first": 1, "last": 2}
    assert neighbourhood({**ROW, "seen": [told]}).clock == clock


@given(st.lists(st.tuples(st.integers(0, 10**13), st.sampled_from("abcdef")), max_size=120))
def test_whatever_was_bought_the_numbers_are_finite_and_bounded(bought: list[tuple[int, str]]) -> None:
    orders = tuple(Order(at, (item(name), item(f"{name}{at}"))) for at, name in sorted(bought))
    seen = (Seen("purchase", "x", True, len(orders), 5, orders[0].at, orders[-1].at),) if orders else ()
    found = features(replace(NOBODY, seen=seen, orders=orders))
    stored = orjson.loads(found["products"])
    assert len(stored) <= MOST_PRODUCTS
    assert all(times == sorted(times, reverse=True) and len(times) <= MOST_TIMES for *_, times in stored)
    assert orjson.loads(orjson.dumps(found)) == found
