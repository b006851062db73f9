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
from app.learn.contest import Holdout, card, contest, held_out, measured
from app.learn.model import Model, Scores, from_json, to_json
from app.learn.purchases import Afterwards, Floats, Histories, History, Purchases, purchases_at
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


def test_what_is_told_of_orders_after_the_cut_is_not_learnt_from() -> None:
    """Who had every order called off, edited or paid back in the days that judge would else be known in the days before."""
    late = HISTORIES.day > CUT - 60
    ended = np.where(late, CUT + 1, np.inf)
    which = np.flatnonzero(late)
    day, value = np.full(which.size, CUT + 0.5), np.zeros(which.size)
    told = Afterwards(ended, HISTORIES.owner[which], which, day, value, ended[which])
    again = own.train(replace(HISTORIES, afterwards=told), CUT, seed=5)
    assert [to_json(one) for one in again] == [to_json(one) for one in candidates()]
    earlier = replace(told, ended=np.where(late, CUT - 1, np.inf))
    assert to_json(own.train(replace(HISTORIES, afterwards=earlier), CUT, seed=5)[0]) != to_json(candidates()[0])


def test_the_latest_snapshot_ends_at_the_cut() -> None:
    rhythm = candidates()[0]
    assert isinstance(rhythm, Classic)
    rows = own.snapshots(HISTORIES, CUT, rhythm, 5)
    assert rows is not None
    known = purchases_at(HISTORIES, CUT - 30).known
    orders, _ = HISTORIES.between(CUT - 30, CUT)
    np.testing.assert_array_equal(rows.quiet[rows.latest], (orders[known] == 0).astype(float))


@lru_cache(maxsize=1)
def with_money() -> Boosted:
    rhythm, rows = rows_of(Histories.of(grown()))
    model = own.boosted(rows, rhythm, 5)
    assert model.money is not None
    return model


ALL_KINDS = {**KINDS, "money": with_money}


@pytest.mark.parametrize("made", ALL_KINDS.values(), ids=ALL_KINDS)
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


@pytest.mark.parametrize("made", ALL_KINDS.values(), ids=ALL_KINDS)
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
        order_pulses=np.array([[1.0, 9, 9, 1e6, 0, 2]] * 4).T,
        money_pulses=np.array([[5.0, -400, 0, 1e300, 0, 1]] * 4).T,
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


def rows_of(histories: Histories) -> tuple[Classic, own.Rows]:
    rhythm = candidates()[0]
    assert isinstance(rhythm, Classic)
    rows = own.snapshots(histories, CUT, rhythm, 5)
    assert rows is not None
    return rhythm, rows


def grown() -> list[History]:
    """Half of the customers spend threefold after day 150: BG/NBD and Gamma-Gamma know no order in time."""
    rng, found = np.random.default_rng(3), []
    for number in range(1_500):
        day = np.cumsum(rng.exponential(12, 60))
        day = day[day < 400]
        found.append(History(day, np.where((number % 2 > 0) & (day > 150), 90.0, 30.0) * rng.uniform(0.8, 1.2, day.size)))
    return found


def test_money_follows_who_spends_more_lately_and_is_an_expectation() -> None:
    holdout = held_out(grown(), CUT, 30)
    rhythm, trees = (measured(one.score(holdout.purchases), holdout) for one in own.train(grown(), CUT, seed=5))
    assert trees["ltv_mae"] < 0.95 * rhythm["ltv_mae"]  # the rest is how often they come, which nobody knows
    assert 0.9 < trees["ltv_total"] < 1.1


def test_the_share_of_the_trees_is_chosen_on_a_month_that_they_do_not_know() -> None:
    """Who spends a twentieth of what was expected is heard; not so if that ended a month ago."""
    rhythm, rows = rows_of(HISTORIES)
    always = replace(rows, spent=rows.expected / 20)
    changed = replace(rows, spent=rows.expected / np.where(rows.age < 30, 1, 20))
    heard = own.spending(always, rhythm.horizon, 5)
    assert heard is not None
    assert heard.share == 1
    assert own.spending(changed, rhythm.horizon, 5) is None


def test_money_leaves_churn_as_it_is_and_longer_horizons_in_proportion() -> None:
    both = with_money()
    alone = replace(both, money=None)
    people = held_out(grown(), CUT, 30).purchases
    told, without = both.score(people), alone.score(people)
    np.testing.assert_array_equal(told.churn, without.churn)
    assert np.abs(told.spend(30) / without.spend(30) - 1).max() > 0.1
    np.testing.assert_allclose(told.spend(365) / told.spend(30), without.spend(365) / without.spend(30))


def test_a_model_from_before_names_of_columns_is_read_and_says_the_same() -> None:
    model = candidates()[1]
    assert isinstance(model, Boosted)
    old = {name: one for name, one in model.to_dict().items() if name not in {"columns", "money"}}
    again = Boosted.of(old)
    before, after = model.score(HOLDOUT.purchases), again.score(HOLDOUT.purchases)
    np.testing.assert_array_equal(before.churn, after.churn)
    np.testing.assert_array_equal(again.rhythm.score(HOLDOUT.purchases).value, after.value)
    assert again.contributions(HOLDOUT.purchases)[0] == model.contributions(HOLDOUT.purchases)[0]


def test_columns_that_nobody_knows_are_no_model() -> None:
    strange = {**candidates()[1].to_dict(), "columns": ["shoe_size"]}
    with pytest.raises(ValueError, match="columns"):
        Boosted.of(strange)


def test_where_nobody_looked_for_faded_sums_money_is_that_of_the_rhythm() -> None:
    model = with_money()
    bare = replace(held_out(grown(), CUT, 30).purchases, order_pulses=None, money_pulses=None)
    np.testing.assert_array_equal(model.score(bare).value, model.rhythm.score(bare).value)


def test_a_brand_that_gives_everything_away_has_trees_without_money() -> None:
    free = [History(one.order_days, np.zeros(len(one.order_days)), one.activity_days) for one in brand(1_100)]
    model = own.train(free, CUT, seed=5)[1]
    scores = model.score(purchases_at(free, CUT))
    assert isinstance(model, Boosted)
    assert model.money is None
    assert np.nansum(scores.value) == 0
    assert to_json(from_json(to_json(model))) == to_json(model)


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
