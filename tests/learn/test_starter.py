"""The committed starter model: the specification's figures, its laws, and that it can be made again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import ModelMissing
from app.learn.model import to_json
from app.learn.purchases import Floats, Purchases, joined
from app.learn.scores import Scores, predicted_ltv
from app.learn.starter.card import SCENARIOS, scenario
from app.learn.starter.model import FILE, Starter, load
from app.learn.starter.train import CARD, built, write

STARTER = load()
NAN = float("nan")
DAYS = st.floats(0, 4000)
MONEY = st.floats(-1e9, 1e9)


def customers(orders: object, recency: object, span: object, spend: object = 100.0, at: float = 20_000.0) -> Purchases:
    """One a row; the columns are numbers or lists."""
    columns = np.broadcast_arrays(*(np.asarray(one, float) for one in (orders, recency, span, spend)))
    count, recency_days, span_days, money = (np.atleast_1d(one).astype(float) for one in columns)
    last = at - recency_days
    none = np.full(count.size, NAN)
    return Purchases(count, last - span_days, last, none, none * 0, money, none * 0, none, at)


def scores(*columns: object, mean: float | None = None) -> Scores:
    return STARTER.score(customers(*columns), mean)


@pytest.mark.parametrize(("name", "days", "amounts", "churn", "ltv"), SCENARIOS, ids=[one[0] for one in SCENARIOS])
@pytest.mark.parametrize("mean", [None, 90.0, 107.0])
def test_the_specification(
    name: str, days: tuple[float, ...], amounts: tuple[float, ...], churn: float, ltv: float, mean: float | None
) -> None:
    """Within the contract's tolerances, whether or not the brand's mean order is known."""
    purchases = scenario(days, amounts)
    found = STARTER.score(purchases, mean)
    assert found.churn[0] == pytest.approx(churn, abs=0.10)
    assert predicted_ltv(purchases, found)[0] == pytest.approx(ltv, rel=0.35)


def test_the_churn_automation_of_scenario_three_has_a_margin() -> None:
    found = STARTER.score(scenario((90.0, 60.0, 45.0), (150.0, 75.0, 100.0)))
    assert found.churn[0] >= 0.73


def test_days_move_churn_smoothly() -> None:
    """From 40 to 50 days of silence, in steps of an hour."""
    found = scores(3.0, np.linspace(40, 50, 241), 45.0).churn
    assert (np.diff(found) >= 0).all()
    assert np.diff(found).max() < 0.02
    assert len(set(found)) >= 10
    assert 0.03 < found[-1] - found[0] < 0.2


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.1, 1.2])
def test_amounts_move_only_money(factor: float) -> None:
    before, after = scores(3.0, 45.0, 45.0, 325.0), scores(3.0, 45.0, 45.0, 325.0 * factor)
    assert (before.churn, before.orders_30, before.orders_365) == (after.churn, after.orders_30, after.orders_365)
    assert (after.value > before.value) == (factor > 1)
    assert after.value[0] == pytest.approx(before.value[0], rel=0.2)


def test_a_brand_of_dearer_orders_expects_dearer_ones() -> None:
    cheap, dear = scores(2.0, 5.0, 5.0, mean=20.0), scores(2.0, 5.0, 5.0, mean=2000.0)
    assert dear.value[0] > cheap.value[0]
    assert dear.churn[0] == cheap.churn[0]
    assert STARTER.order_value.scaled_to(STARTER.order_value.mean) == STARTER.order_value


def worse(before: Scores, after: Scores) -> bool:
    """Nobody of `after` is likelier to come back than the same of `before`."""
    counts = ("orders_30", "orders_90", "orders_365")
    fewer = all((getattr(after, name) <= getattr(before, name)).all() for name in counts)
    return bool((after.churn >= before.churn).all()) and fewer


# Scoring many customers costs what one does, so each example is many and there are few examples.
MANY = {"min_size": 40, "max_size": 80}
FEW = settings(deadline=None, max_examples=20)


def columns(rows: list[tuple[float, ...]]) -> list[Floats]:
    return list(np.array(rows, float).T)


@FEW
@given(st.lists(st.tuples(st.integers(1, 2000), DAYS, DAYS, st.floats(0, 4000)), **MANY))
def test_silence_never_makes_a_customer_safer(rows: list[tuple[float, ...]]) -> None:
    orders, recency, span, longer = columns(rows)
    assert worse(scores(orders, recency, span), scores(orders, recency + longer, span))


@FEW
@given(st.lists(st.tuples(st.integers(2, 2000), st.integers(1, 500), DAYS, DAYS), **MANY))
def test_more_orders_never_make_a_customer_less_safe(rows: list[tuple[float, ...]]) -> None:
    orders, more, recency, span = columns(rows)
    assert worse(scores(orders + more, recency, span), scores(orders, recency, span))


def test_an_order_now_makes_every_usual_customer_safer() -> None:
    """Another order moves three columns at once, so no constraint covers it; over a grid it holds."""
    orders, recency, span = (one.ravel() for one in np.meshgrid([2, 3, 5, 9], [7, 20, 45, 90, 200], [10, 45, 120, 400]))
    assert (scores(orders + 1, 0, span + recency).churn < scores(orders, recency, span).churn).all()


ANY_CLOCK = st.floats(-1e7, 1e7)
NOBODY_YET = st.integers(0, 10**9) | st.just(0)


@FEW
@given(st.lists(st.tuples(NOBODY_YET, ANY_CLOCK, ANY_CLOCK, MONEY), **MANY), ANY_CLOCK, MONEY | st.none())
def test_any_finite_input_has_finite_scores(rows: list[tuple[float, ...]], at: float, mean: float | None) -> None:
    """A clock years off, refunds beyond spend, an order of the future: numbers in their ranges; without an order, none."""
    orders, last, first, spend = columns(rows)
    one = np.ones(orders.size)
    purchases = Purchases(orders, first, last, one * NAN, one, spend, one, one * NAN, at)
    found, ordered = STARTER.score(purchases, mean), orders > 0
    counts = [found.orders_30, found.orders_90, found.orders_365]
    for column in (found.churn, *counts, found.value, predicted_ltv(purchases, found)):
        assert (np.isfinite(column) == ordered).all()
    assert (np.isfinite(STARTER.contributions(purchases)[1]).all(axis=1) == ordered).all()
    churn, month, quarter, year, value = (column[ordered] for column in (found.churn, *counts, found.value))
    assert ((churn >= 0) & (churn <= 1)).all()
    assert ((month >= 0) & (month <= quarter) & (quarter <= year)).all()
    assert (value >= 0).all()


def test_contributions_add_up_to_the_log_odds() -> None:
    purchases = joined([customers([2, 5], [3, 45], [2, 45]), customers(0, 0, 0)])
    names, parts = STARTER.contributions(purchases)
    assert names[-1] == "base"
    assert parts.shape == (3, len(names))
    churn = STARTER.score(purchases).churn
    np.testing.assert_allclose(parts[:2].sum(axis=1), np.log(churn[:2] / (1 - churn[:2])), atol=1e-4)
    assert np.isnan(parts[2]).all()


def test_nobody_is_no_failure() -> None:
    nobody = customers([], [], [])
    assert STARTER.score(nobody).churn.size == 0
    assert STARTER.contributions(nobody)[1].shape == (0, 6)


def test_without_its_file_it_fails_and_says_how_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="make train-starter"):
        load(tmp_path / "model.json")
    for content in ("", "[]", "{}", FILE.read_text(encoding="utf-8")[:5000]):
        (tmp_path / "model.json").write_text(content, encoding="utf-8")
        with pytest.raises(ModelMissing, match="cannot be read"):
            load(tmp_path / "model.json")


def test_it_is_rebuilt_to_the_byte() -> None:
    """With a smaller setting; `make train-starter` does it with the full one."""
    texts = [to_json(built(customers=100, rounds=5)) for _ in range(2)]
    assert texts[0] == texts[1]
    assert to_json(built(customers=100, rounds=5, seed=6)) != texts[0]


def test_what_is_written_is_what_is_loaded_and_the_card_is_the_models(tmp_path: Path) -> None:
    write(STARTER, tmp_path / "model.json", tmp_path / "CARD.md")
    assert (tmp_path / "model.json").read_bytes() == FILE.read_bytes()
    assert (tmp_path / "CARD.md").read_bytes() == CARD.read_bytes()
    assert "not evidence" in CARD.read_text(encoding="utf-8")


def test_the_model_is_a_starter() -> None:
    assert isinstance(STARTER, Starter)
    assert (STARTER.kind, STARTER.horizon) == ("starter", 30)
    assert STARTER.version in CARD.read_text(encoding="utf-8")
