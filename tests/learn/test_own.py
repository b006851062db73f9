"""A brand's own models on a simulated brand: which there are, that they know nothing of later, and the contest."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from app.domain.errors import ModelMissing
from app.learn import own
from app.learn.boosted import Boosted
from app.learn.classic import Classic
from app.learn.contest import Holdout, card, contest, held_out
from app.learn.model import Model, Scores, from_json, to_json
from app.learn.purchases import Floats, Histories, History, Purchases, purchases_at
from app.learn.starter.model import load

CUT = 300.0


def brand(customers: int, days: float = 400.0, seed: int = 1) -> list[History]:
    """Regular customers: a gap of some weeks, give or take a third; a few percent leave after an order. Not BG/NBD's world."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(customers):
        gap, start = rng.gamma(4, 10), rng.uniform(0, 250)
        count = min(int(rng.geometric(0.08)), 60)
        order = start + np.cumsum(gap * rng.uniform(0.7, 1.3, count))
        order = order[order < days]
        found.append(History(order, rng.gamma(5, 8, order.size), rng.uniform(start, days, 3)))
    return found


HISTORIES = Histories.of(brand(1_500))
HOLDOUT = held_out(HISTORIES, CUT, 30)


@lru_cache(maxsize=1)
def candidates() -> list[Classic | Boosted]:
    """Trained once, by whichever test is the first to ask."""
    return own.train(HISTORIES, CUT, seed=5)


KINDS = {"bgnbd": lambda: candidates()[0], "xgboost": lambda: candidates()[1], "starter": load}


def test_what_is_trained_depends_on_how_many_customers_there_are() -> None:
    kinds = [[one.kind for one in own.train(brand(count), CUT, seed=5)] for count in (0, 1, 90, 200)]
    assert kinds == [[], [], [], ["bgnbd"]]
    assert [one.kind for one in candidates()] == ["bgnbd", "xgboost"]


def test_a_brand_of_a_week_has_no_trees() -> None:
    week = [History([float(at % 7)], [10.0]) for at in range(1_500)]
    assert [one.kind for one in own.train(week, 7.0, seed=5)] == ["bgnbd"]


def test_nothing_later_than_the_cut_is_learnt_from() -> None:
    flat = HISTORIES
    kept, seen = flat.day <= CUT, flat.activity_day <= CUT
    stopped = Histories(
        flat.customers, flat.owner[kept], flat.day[kept], flat.value[kept], flat.activity_owner[seen], flat.activity_day[seen]
    )
    again = own.train(stopped, CUT, seed=5)
    assert [to_json(one) for one in again] == [to_json(one) for one in candidates()]


def test_the_latest_snapshot_ends_at_the_cut() -> None:
    rhythm = candidates()[0]
    assert isinstance(rhythm, Classic)
    rows = own.snapshots(HISTORIES, CUT, rhythm, 5)
    assert rows is not None
    known = purchases_at(HISTORIES, CUT - 30).known
    orders, _ = HISTORIES.between(CUT - 30, CUT)
    np.testing.assert_array_equal(rows.quiet[rows.latest > 0], (orders[known] == 0).astype(float))


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
def test_json_keeps_every_score(made: Callable[[], Model]) -> None:
    model = made()
    again = from_json(to_json(model))
    assert to_json(again) == to_json(model)
    before, after = model.score(HOLDOUT.purchases, 40.0), again.score(HOLDOUT.purchases, 40.0)
    for name in ("churn", "orders_30", "orders_90", "orders_365", "value"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"kind": "pickle"}', '{"kind": "bgnbd"}', '{"kind": "xgboost", "version": "1"}']
)
def test_other_text_is_no_model(text: str) -> None:
    with pytest.raises(ModelMissing, match="cannot be read"):
        from_json(text)


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
def test_scores_are_numbers_for_whoever_ordered(made: Callable[[], Model]) -> None:
    """Also for a customer of many orders at one moment, of years, of refunds, of the future."""
    nan = np.nan
    odd = Purchases(
        orders=np.array([1.0, 9, 9, 1e6, 0, 2]),
        first_day=np.array([300.0, 10, 10, -9e5, nan, 900]),
        last_day=np.array([300.0, 10, 299, 300, nan, 1e7]),
        previous_day=np.array([nan, 10, 200, 299, nan, 900]),
        gap_squares=np.array([0.0, 0, 1e4, 1e18, 0, 1e13]),
        spend=np.array([5.0, -400, 0, 1e300, 0, 1]),
        activities=np.array([0.0, 1e9, 3, 3, 3, 3]),
        last_activity_day=np.array([nan, 1, 299, 1e7, 3, 3]),
        at=300.0,
    )
    scores = made().score(odd)
    for column in (scores.churn, scores.orders_30, scores.orders_90, scores.orders_365, scores.value):
        assert (np.isfinite(column) == odd.known).all()
        assert (column[odd.known] >= 0).all()
    assert (scores.churn[odd.known] <= 1).all()
    assert (scores.orders_30 <= scores.orders_365)[odd.known].all()


def test_the_trees_say_why_in_calibrated_log_odds() -> None:
    model = candidates()[1]
    names, parts = model.contributions(HOLDOUT.purchases)
    churn = model.score(HOLDOUT.purchases).churn
    assert parts.shape == (len(HOLDOUT.purchases), len(names))
    np.testing.assert_allclose(parts.sum(axis=1), np.log(churn / (1 - churn)), atol=1e-3)


def test_a_brand_that_knows_rhythms_takes_the_trees_over_the_starter() -> None:
    verdict = contest(load(), candidates()[1], HOLDOUT)
    assert verdict.promoted, verdict.reasons
    assert verdict.metrics["challenger"]["brier"] < verdict.metrics["champion"]["brier"]
    assert verdict.metrics["challenger"]["brier_difference_high"] < 0
    text = card(candidates()[1], verdict, {"Customers": 2500, "Seed": 5})
    assert "Promoted: Brier" in text
    assert "* Customers: 2500" in text
    assert f"| {verdict.metrics['challenger']['brier']:.4f} |" in text


def test_the_same_model_is_not_better_than_itself() -> None:
    verdict = contest(candidates()[1], candidates()[1], HOLDOUT)
    assert not verdict.promoted
    assert "not better beyond chance" in verdict.reasons[0]
    assert len(verdict.reasons) == 1


class Changed:
    """A model whose scores were spoilt."""

    kind, horizon, version = "xgboost", 30, "spoilt"

    def __init__(self, **columns: Floats) -> None:
        self.columns = columns

    def score(self, purchases: Purchases, mean_order_value: float | None = None) -> Scores:
        return replace(candidates()[1].score(purchases), **self.columns)

    def contributions(self, purchases: Purchases) -> tuple[tuple[str, ...], Floats]:
        return candidates()[1].contributions(purchases)

    def to_dict(self) -> dict[str, object]:
        return {}


def test_better_churn_is_not_enough_when_money_is_wrong() -> None:
    value = 1e9 / (1 + HOLDOUT.money) ** 2
    verdict = contest(load(), Changed(value=value), HOLDOUT)
    assert not verdict.promoted
    assert ["LTV" in one or "top tenth" in one for one in verdict.reasons] == [True, True]


def test_better_churn_is_not_enough_when_it_is_not_calibrated() -> None:
    """Against a champion that says one half of everybody: right order, wrong level."""
    quiet = HOLDOUT.quiet
    half = Changed(churn=np.full(quiet.size, quiet.mean()))
    shifted = Changed(churn=np.where(quiet > 0, 0.80, 0.20))
    verdict = contest(half, shifted, HOLDOUT)
    assert [one.split()[0] for one in verdict.reasons] == ["ECE"]


def test_when_all_ended_alike_nothing_is_promoted() -> None:
    alike = Holdout(HOLDOUT.purchases, np.ones(len(HOLDOUT.purchases)), HOLDOUT.money, 30)
    nobody = held_out([], CUT, 30)
    assert [contest(load(), candidates()[1], one).promoted for one in (alike, nobody)] == [False, False]


def test_a_model_of_ninety_days() -> None:
    model = own.train(HISTORIES, CUT - 60, seed=5, horizon=90)[1]
    assert isinstance(model, Boosted)
    assert model.horizon == 90
    month, quarter = candidates()[1].score(HOLDOUT.purchases).churn, model.score(HOLDOUT.purchases).churn
    assert quarter.mean() < month.mean()
