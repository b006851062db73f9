"""The benchmark of models, on small data of its own: what is a hold-out, what is counted, what is printed."""

import numpy as np
import pytest

from app.learn.purchases import Histories, History
from bench.ml import ELSEWHERE, Line, lines, ndcg_at, recall_at, recommendations, table
from bench.ml_data import Sales


def shop(customers: int, seed: int = 3) -> Histories:
    rng = np.random.default_rng(seed)
    days = [np.sort(rng.uniform(0, 200, 1 + rng.poisson(rng.gamma(1, 6)))) for _ in range(customers)]
    return Histories.of([History(one, np.full(one.size, 10.0)) for one in days])


def test_every_way_of_scoring_is_measured_on_the_same_customers() -> None:
    found = {line.name: line.metrics for line in lines(shop(400), 160.0, 30)}
    assert list(found) == ["base rate", "recency", "naive rate", "starter", "BG/NBD"]
    assert found["base rate"]["auc"] == 0.5
    assert found["BG/NBD"]["brier"] < found["base rate"]["brier"]
    assert found["BG/NBD"]["naive_ltv_mae"] == found["starter"]["naive_ltv_mae"] == found["naive rate"]["ltv_mae"]


def test_the_starter_says_nothing_of_churn_in_ninety_days() -> None:
    found = {line.name: line.metrics for line in lines(shop(400), 110.0, 90)}
    assert "brier" not in found["starter"]
    assert found["starter"]["ltv_mae"] > 0


def test_the_table_leaves_out_what_was_not_measured() -> None:
    shown = table([Line("elsewhere", ELSEWHERE["CDNOW", 90])]).splitlines()[-1]
    assert [cell.strip() for cell in shown.strip("|").split("|")] == ["elsewhere", "0.805", "0.1058", "", "12.60", "", "", ""]


def test_recommendations_know_nothing_later_than_the_cut() -> None:
    """Two products bought together by all before day 10; a third only later, so nobody can be told of it."""
    before = [(customer, key, 5.0) for customer in range(4) for key in ("a", "b") if (customer, key) != (3, "b")]
    after = [(0, "a", 12.0), (3, "b", 12.0), (3, "late", 13.0), (1, "a", 50.0)]
    found = {
        name: (recall, count) for name, recall, _, count in recommendations(Sales("", [], 0.0, (*before, *after)), 10.0, 30.0)
    }
    assert found["buy again, of all bought"] == (pytest.approx((1 + 0) / 2), 2)
    assert found["buy again, of what was bought again"] == (1, 1)
    assert found["new for you, of what was new"] == (pytest.approx(1 / 2), 1)


def test_lists() -> None:
    assert recall_at(["a", "b", "c"], {"b", "x"}, 2) == 0.5
    assert recall_at(["a", "b", "c"], {"c"}, 2) == 0
    assert recall_at(["a", "b", "c"], set("abcdefgh"), 2) == 1
    assert ndcg_at(["a", "b"], {"a", "b"}, 2) == pytest.approx(1)
    assert ndcg_at(["x", "b"], {"b"}, 2) == pytest.approx(1 / np.log2(3))
