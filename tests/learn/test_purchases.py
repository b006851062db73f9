"""What models see at a cut: counted by hand, and never a crash."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.learn.purchases import Afterwards, Histories, History, joined, purchases_at

DAY = st.floats(-1e6, 1e6)


def test_the_sums_of_three_customers() -> None:
    many = [
        History([12.0, 10.0, 15.0, 30.0], [5.0, 7.0, -2.0, 99.0], [11.0, 14.0, 40.0]),
        History([], [], [3.0]),
        History([25.0], [8.0]),
    ]
    seen = purchases_at(many, 20.0)
    assert seen.orders.tolist() == [3, 0, 0]
    assert seen.spend.tolist() == [10, 0, 0]
    assert (seen.first_day[0], seen.last_day[0], seen.previous_day[0]) == (10, 15, 12)
    assert seen.gap_squares.tolist() == [2**2 + 3**2, 0, 0]
    assert seen.activities.tolist() == [2, 1, 0]
    assert (seen.last_activity_day[0], seen.last_activity_day[1]) == (14, 3)
    assert (seen.recency[0], seen.span[0], seen.tenure[0], seen.repeats[0]) == (5, 5, 10, 2)
    assert np.isnan([seen.first_day[1], seen.recency[1], seen.repeats[1], seen.mean_value[2], seen.last_activity_day[2]]).all()
    later = purchases_at(many, 25.0)
    assert later.orders.tolist() == [3, 0, 1]
    assert np.isnan(later.previous_day[2])
    assert later.recency[2] == 0


def test_what_fades_is_known_at_any_later_moment() -> None:
    seen = purchases_at([History([0.0, 7.0, 30.0], [4.0, 2.0, 8.0]), History([], [])], 20.0)
    assert seen.order_pulses is not None
    assert seen.money_pulses is not None
    assert seen.order_pulses[0, 0] == pytest.approx(1 + np.exp(-1))
    assert seen.money_pulses[0, 0] == pytest.approx(2 + 4 * np.exp(-1))
    assert seen.faded(seen.order_pulses)[0, 0] == pytest.approx(np.exp(-13 / 7) + np.exp(-20 / 7))
    assert np.isnan(seen.faded(seen.order_pulses)[1]).all()
    assert np.isnan(seen.faded(None)).all()


def test_money_and_orders_of_a_window() -> None:
    orders, money = Histories.of([History([10.0, 12.0, 15.0], [5.0, 7.0, 2.0]), History([1.0], [3.0])]).between(10.0, 15.0)
    assert orders.tolist() == [2, 0]
    assert money.tolist() == [9, 0]


def test_an_order_is_at_each_cut_what_was_told_of_it_by_then() -> None:
    """Two of one customer: of 10, edited to 8 and 6 and called off on day 9; of 7, of which 3 were paid back on day 6."""
    ended, until = np.array([9.0, np.inf]), np.array([9.0, 9.0, np.inf])
    days, values = np.array([3.0, 5.0, 6.0]), np.array([8.0, 6.0, -3.0])
    told = Afterwards(ended, np.zeros(3, int), np.array([0, 0, -1]), days, values, until)
    flat = replace(Histories.of([History([1.0, 4.0], [10.0, 7.0])]), afterwards=told)
    seen = [purchases_at(flat, cut) for cut in (2.0, 3.0, 4.0, 5.0, 6.0, 9.0)]
    assert [one.orders[0] for one in seen] == [1, 1, 2, 2, 2, 1]
    assert [one.spend[0] for one in seen] == [10, 8, 15, 13, 10, 4]
    assert flat.between(0.0, 5.0) == (1, 7)
    assert flat.between(5.0, 7.0) == (0, -3)
    assert flat.heard(8.0).between(0.0, 7.0) == (2, 10)
    assert flat.heard(4.0).between(0.0, 4.0) == (2, 15)


def test_nobody_is_no_failure() -> None:
    assert len(purchases_at([], 5.0)) == 0


def test_orders_of_the_future_were_made_now() -> None:
    seen = purchases_at([History([2000.0], [1.0])], 2000.0)
    early = joined([seen])
    assert early.recency[0] == 0
    assert purchases_at([History([2000.0], [1.0])], 100.0).orders[0] == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.tuples(DAY, st.floats(-1e300, 1e300)), max_size=6), max_size=5), DAY)
def test_what_is_derived_is_finite_for_everybody_with_an_order(orders: list[list[tuple[float, float]]], cut: float) -> None:
    seen = purchases_at([History([day for day, _ in one], [value / 6 for _, value in one]) for one in orders], cut)
    assert seen.orders.tolist() == [sum(day <= cut for day, _ in one) for one in orders]
    for derived in (seen.recency, seen.span, seen.tenure, seen.repeats, seen.mean_value):
        assert (np.isfinite(derived) == seen.known).all()
        assert (derived[seen.known] >= 0).all()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), DAY), max_size=12), DAY)
def test_a_cut_is_the_same_as_having_stopped_then(orders: list[tuple[int, float]], cut: float) -> None:
    def of(keep: float) -> list[History]:
        days = [[day for owner, day in orders if owner == one and day <= keep] for one in range(4)]
        return [History(one, [1.0] * len(one)) for one in days]

    whole, stopped = purchases_at(of(np.inf), cut), purchases_at(of(cut), cut)
    for name in ("orders", "first_day", "last_day", "previous_day", "gap_squares", "spend", "order_pulses", "money_pulses"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(stopped, name))
