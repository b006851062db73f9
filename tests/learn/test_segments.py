"""Segments: everybody who has ordered is in exactly one, and journeys follow the contract's formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.segments import NAMES
from app.learn.segments import SEGMENTS, Standing, journey_score, segment

anybody = st.builds(
    Standing,
    silent_days=st.floats(0, 10_000),
    orders=st.integers(1, 10_000),
    spend_ratio=st.floats(-1e6, 1e6),  # more was paid back than spent
    churn=st.floats(0, 1),
)


@pytest.mark.parametrize(
    ("silent_days", "orders", "churn", "name"),
    [
        (3, 2, 0.15, "loyal_customer"),
        (1, 5, 0.08, "champion"),
        (45, 3, 0.75, "at_risk"),
        (0, 4, 0.25, "loyal_customer"),
        (1, 1, 0.4, "new_customer"),
        (45, 1, 0.8, "about_to_sleep"),
        (100, 1, 0.9, "hibernating"),
        (100, 4, 0.6, "at_risk"),
        (200, 4, 0.9, "hibernating"),
        (400, 9, 0.99, "lost"),
        (20, 3, 0.6, "need_attention"),
    ],
)
def test_the_usual_ones(silent_days: float, orders: int, churn: float, name: str) -> None:
    assert segment(Standing(silent_days, orders, 1.0, churn)).name == name


def test_a_large_first_order_promises_more() -> None:
    assert segment(Standing(1, 1, 2.0, 0.4)).name == "potential_loyalist"


@given(anybody)
def test_everybody_is_somewhere(one: Standing) -> None:
    assert segment(one) in SEGMENTS


@given(anybody, st.floats(0, 1))
def test_a_likely_loss_is_never_called_loyal(one: Standing, churn: float) -> None:
    worse = segment(Standing(one.silent_days, one.orders, one.spend_ratio, max(0.70, churn)))
    assert worse.name not in {"champion", "loyal_customer"}


def test_every_segment_has_one_stage_and_one_action() -> None:
    """Several rows may tell of one segment; they mean the same by it."""
    assert len({row.name for row in SEGMENTS}) == len({(row.name, row.stage, row.action) for row in SEGMENTS})


@pytest.mark.parametrize(("churn", "score"), [(0.15, 77), (0.75, 45), (0.25, 72), (0.0, 86), (1.0, 32)])
def test_the_journeys_score(churn: float, score: int) -> None:
    assert journey_score(churn) == score


def test_automations_may_name_each_of_them_and_no_other() -> None:
    assert {row.name for row in SEGMENTS} == set(NAMES)
