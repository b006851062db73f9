"""Lists by hand, and the bounds of the neighbours."""

import numpy as np
import pytest

from app.learn import baskets, recommend
from app.learn.baskets import Baskets
from app.learn.recommend import Purchase, buy_again, neighbours, new_for_you
from app.learn.scoring import recommended


def test_scenario_one() -> None:
    bought = [Purchase("p-1", "Summer Collection T-Shirt", 95.0), Purchase("p-2", "Premium Sneakers", 97.0)]
    assert buy_again(bought, 100.0, 5) == ["Premium Sneakers", "Summer Collection T-Shirt"]


def test_often_beats_lately_until_it_is_long_ago() -> None:
    often = [Purchase("tea", "Tea", day) for day in (70.0, 75.0, 80.0)]
    lately = [Purchase("mug", "Mug", 99.0)]
    assert buy_again([*lately, *often], 100.0, 2) == ["Tea", "Mug"]
    assert buy_again([*lately, *(one._replace(day=one.day - 300) for one in often)], 100.0, 2) == ["Mug", "Tea"]
    assert buy_again([*lately, *often], 100.0, 1) == ["Tea"]
    assert buy_again([], 100.0, 3) == []


def test_equal_weights_go_by_the_latest_day_then_by_key() -> None:
    same = [Purchase("b", "B", 10.0), Purchase("c", "C", 1e9), Purchase("a", "A", 10.0)]
    assert buy_again(same, 10.0, 3) == ["C", "A", "B"]


def test_a_product_has_its_latest_name_and_the_future_is_now() -> None:
    assert buy_again([Purchase("a", "Old", 1.0), Purchase("a", "New", 5.0), Purchase("b", "B", 1e9)], 10.0, 5) == ["New", "B"]


def test_neighbours_are_cosines_of_common_customers() -> None:
    customers = [
        [("a", 1.0), ("b", 2.0)],
        [("a", 1.0), ("b", 1.0), ("a", 3.0)],
        [("a", 1.0), ("c", 1.0)],
        [("b", 1.0), ("d", 0.0)],
    ]
    found = neighbours(Baskets(customers))
    assert [key for key, _ in found["a"]] == ["b"]
    assert found["a"][0][1] == pytest.approx(2 / 3)
    assert found["b"] == [("a", found["a"][0][1])]
    assert "c" not in found
    assert neighbours(Baskets()) == neighbours(Baskets([[], []])) == {}


def test_a_basket_holds_the_latest_of_each_product_in_four_bytes() -> None:
    held = Baskets([[("a", 1.0), ("b", 9.0), ("a", 10.0)], [], [("c", 1.0), ("a", 2.0)]])
    assert held.products == ["a", "b", "c"]
    assert (list(held.columns), list(held.lengths)) == ([0, 1, 0, 2], [2, 0, 2])
    assert held.columns.itemsize == 4


def test_what_was_bought_is_never_new() -> None:
    customers = [[(key, 0.0) for key in "abcd"]] * 3 + [[("a", 0.0), ("b", 0.0)]]
    near = neighbours(Baskets(customers))
    assert new_for_you(["a"], near, 9) == ["b", "c", "d"]
    assert new_for_you(["b", "a"], near, 1) == ["c"]
    assert new_for_you(list("abcd"), near, 9) == []
    assert new_for_you(["unknown"], near, 9) == []


def test_the_bounds_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommend, "MOST_PRODUCTS", 3)
    monkeypatch.setattr(baskets, "MOST_BOUGHT", 2)
    monkeypatch.setattr(recommend, "ROWS_AT_ONCE", 2)
    customers = (
        [[("old", 0.0), ("a", 5.0), ("b", 6.0)]] * 4 + [[("c", 1.0), ("a", 2.0)]] * 2 + [[("Z", 1.0)]]
    )  # first by name, bought by the fewest
    found = neighbours(Baskets(customers), k=1)
    assert found.keys() == {"a", "b", "c"}
    assert all(len(near) == 1 for near in found.values())
    assert found["c"][0][0] == "a"


def test_a_large_brand_in_bounded_time() -> None:
    rng = np.random.default_rng(1)
    customers = [[(f"p{int(key)}", 0.0) for key in rng.zipf(1.3, 30) % 20_000] for _ in range(1_500)]
    found = neighbours(Baskets(customers))
    assert 0 < len(found) <= recommend.MOST_PRODUCTS
    assert all(0 < similarity <= 1 + 1e-9 for near in found.values() for _, similarity in near)


def test_what_was_bought_by_its_name_is_not_new_by_its_id() -> None:
    """A till that tells ids alone sells what the shop sells by name."""
    near = {"name:mug": [("id:M1", 0.9), ("name:tea", 0.4)]}
    told = recommended([("name:mug", "Mug", "M1", [0])], (near, {"id:M1": "M1", "name:tea": "Tea"}), 0)
    assert told["new_for_you"] == [{"product_key": "name:tea", "product_name": "Tea"}]
