"""What the features of a person are, from what stands around them."""

from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import Item
from app.graph.rows import DAY_MS
from app.learn.features import MOST_PRODUCTS, MOST_TIMES, Neighbourhood, Order, Seen, features, products

NOBODY = Neighbourhood("p", 1, "USD", 40, 0, 0, 1, (), (), 0, 0, 0, {}, (), 0)


def item(name: str, product_id: str | None = None, category: str | None = None) -> Item:
    return Item(product_id, name, category, "1.00", 1)


def test_nobody_has_numbers_too() -> None:
    found = features(NOBODY)
    assert (found["orders"], found["frequency"], found["monetary_minor"]) == (0, 0, 0)
    assert (found["last_order_at"], found["mean_gap_days"], found["holds_from"], found["holds_until"]) == (None,) * 4


def test_orders_money_gaps_and_what_was_there_before() -> None:
    orders = (Order(0, 1000, (item("A", category="X"),)), Order(4 * DAY_MS, 500, ()), Order(10 * DAY_MS, 0, (item("B"),)))
    seen = (Seen("purchase", "shopify", True, 3, 0, 10 * DAY_MS), Seen("page_view", "web", True, 2, DAY_MS, 11 * DAY_MS))
    found = features(replace(NOBODY, seen=seen, orders=orders, opening_minor=250, opening_orders=2))
    assert (found["orders"], found["frequency"]) == (3, 5)
    assert (found["spend_minor"], found["monetary_minor"]) == (1500, 1750)
    assert (found["mean_gap_days"], found["gap_squares"]) == (5.0, 52.0)
    assert (found["previous_order_at"], found["last_order_at"]) == (4 * DAY_MS, 10 * DAY_MS)
    assert (found["activities"], found["last_activity_at"]) == (2, 11 * DAY_MS)
    assert (found["channels"], found["channel_counts"]) == (["shopify", "web"], [3, 2])


def test_they_hold_until_something_happens() -> None:
    seen = (
        Seen("purchase", "pos", True, 1, 5, 5),
        Seen("purchase", "pos", False, 1, 9, 9),
        Seen("page_view", "web", False, 1, 8, 20),
    )
    found = features(replace(NOBODY, seen=seen))
    assert (found["holds_from"], found["holds_until"], found["orders"]) == (5, 8, 1)


def test_products_are_one_by_name_else_by_id() -> None:
    bought = (Order(1, 0, (item("Shoe", "P1"), Item("P9", None, None, None, 1))), Order(2, 0, (item("shoe ", "P2"),)))
    assert products(bought) == [("name:shoe", "shoe ", "P2", [2, 1]), ("id:P9", "P9", "P9", [1])]


@given(st.lists(st.tuples(st.integers(0, 10**13), st.integers(-(10**9), 10**9), st.sampled_from("abcdef")), max_size=120))
def test_whatever_was_bought_the_numbers_are_finite_and_bounded(bought: list[tuple[int, int, str]]) -> None:
    orders = tuple(Order(at, minor, (item(name), item(f"{name}{at}"))) for at, minor, name in sorted(bought))
    seen = (Seen("purchase", "x", True, len(orders), orders[0].at, orders[-1].at),) if orders else ()
    found = features(replace(NOBODY, seen=seen, orders=orders))
    stored = orjson.loads(found["products"])
    assert len(stored) <= MOST_PRODUCTS
    assert all(times == sorted(times, reverse=True) and len(times) <= MOST_TIMES for *_, times in stored)
    assert found["gap_squares"] >= 0
    assert orjson.loads(orjson.dumps(found)) == found
