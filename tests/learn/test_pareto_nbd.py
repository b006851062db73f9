"""The likelihood against brute force: customers simulated by the model, those with the wanted history counted."""

import numpy as np
import pytest

from app.learn.pareto_nbd import ParetoNbd

MODEL = ParetoNbd(r=3.25, alpha=25.5, s=0.75, beta=50.0)


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def test_it_says_what_simulated_customers_do() -> None:
    """20,000 customers at day 60, their days 60 to 90 known: in every group of like histories the mean is right."""
    days = MODEL.simulate(np.full(20_000, 90.0), np.random.default_rng(1))
    before = [each[each <= 60] for each in days]
    after = np.array([(each > 60).sum() for each in days])
    repeats = np.array([float(each.size) for each in before])
    last = np.array([each[-1] if each.size else 0.0 for each in before])
    quiet = MODEL.quiet(repeats, last, np.full_like(last, 60.0), 30)
    expected = MODEL.expected(repeats, last, np.full_like(last, 60.0), [30])[0]
    groups = np.digitize(repeats, [1, 3, 8, 15]) * 3 + np.digitize(last, [20, 50])
    for group in np.unique(groups):
        inside = groups == group
        if inside.sum() > 500:
            assert quiet[inside].mean() == pytest.approx((after[inside] == 0).mean(), abs=0.03)
            assert expected[inside].mean() == pytest.approx(after[inside].mean(), rel=0.08, abs=0.03)


@pytest.mark.parametrize(("repeats", "last", "tenure"), [(0, 0, 0), (0, 0, 3000), (1, 0, 0), (800, 1000, 1000), (800, 10, 3000)])
def test_extreme_histories_have_probabilities(repeats: float, last: float, tenure: float) -> None:
    quiet = MODEL.quiet(one(repeats), one(last), one(tenure), 30)[0]
    expected = MODEL.expected(one(repeats), one(last), one(tenure), [30, 365])
    assert 0 <= quiet <= 1
    assert 0 <= expected[0][0] <= expected[1][0] < np.inf
