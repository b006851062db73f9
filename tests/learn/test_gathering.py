"""A past as it is read from the graph is the same as one made of lists, and bounded."""

from typing import Any

import numpy as np
import pytest

from app.graph.rows import DAY_MS
from app.learn import gathering
from app.learn.gathering import Gathering
from app.learn.purchases import Histories, History


def row(name: str, orders: list[tuple[float, int]], others: list[float]) -> dict[str, Any]:
    """As cypher/learn/histories gives it: the newest first. Days; cents of US dollars."""
    bought = [[round(day * DAY_MS), minor, "USD", None, []] for day, minor in sorted(orders, reverse=True)]
    return {
        "profile_id": name,
        "orders": bought,
        "refunds": [],
        "others": [round(day * DAY_MS) for day in sorted(others, reverse=True)],
        "currency": "USD",
    }


ROWS = [row("a", [(3.0, 500), (1.0, 200)], [4.5, 2.5]), row("b", [], [1.0]), row("c", [(9.0, 700)], [])]


def gathered(rows: list[dict[str, Any]]) -> Gathering:
    past = Gathering(10 * DAY_MS)
    for one in rows:
        past.add(one)
    return past


def test_it_is_the_history_of_who_ordered() -> None:
    past = gathered(ROWS)
    flat = Histories.flat(past)
    lists = Histories.of([History([1.0, 3.0], [2.0, 5.0], [2.5, 4.5]), History([9.0], [7.0])])
    assert flat.customers == lists.customers == len(past) == 2
    for name in ("owner", "day", "value", "activity_owner", "activity_day"):
        np.testing.assert_array_equal(getattr(flat, name), getattr(lists, name))
    assert past.window == (DAY_MS, 10 * DAY_MS)


def test_nobody_is_no_failure() -> None:
    past = gathered([ROWS[1]])
    flat = Histories.flat(past)
    assert (flat.customers, flat.day.size, len(past)) == (0, 0, 0)


def test_another_currency_counts_as_nothing() -> None:
    one = row("a", [(1.0, 200)], [])
    one["orders"][0][2] = "EUR"
    assert list(gathered([one]).orders.values) == [0.0]


def test_other_data_have_another_hash() -> None:
    assert gathered(ROWS).digest == gathered(ROWS).digest != gathered(ROWS[:1]).digest


@pytest.mark.parametrize(("name", "most"), [("MOST_CUSTOMERS", 1), ("MOST_IN_ALL", 4)])
def test_it_is_full_at_its_bounds(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    assert not gathered(ROWS).is_full
    monkeypatch.setattr(gathering, name, most)
    assert gathered(ROWS[:1]).is_full
