"""BG/NBD and Gamma-Gamma: against simulation, the published fit and the published formula."""

import numpy as np
import pytest
from scipy.special import hyp2f1

from app.learn import bgnbd, classic, gamma_gamma
from app.learn.bgnbd import BgNbd
from app.learn.gamma_gamma import GammaGamma
from app.learn.purchases import History, purchases_at

# Of the CDNOW sample, with weeks as unit (Fader, Hardie & Lee 2005, table 1).
PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)


def simulated(model: BgNbd, customers: int, days: float, seed: int) -> list[np.ndarray]:
    """The days of repeat orders until `days`, for each customer."""
    rng = np.random.default_rng(seed)
    found = []
    for rate, leaving in zip(rng.gamma(model.r, 1 / model.alpha, customers), rng.beta(model.a, model.b, customers), strict=True):
        day, own = rng.exponential(1 / rate), []
        while day <= days:
            own.append(day)
            if rng.uniform() < leaving:
                break
            day += rng.exponential(1 / rate)
        found.append(np.array(own))
    return found


MODEL = BgNbd(r=1.2, alpha=30.0, a=0.8, b=3.0)
DAYS = simulated(MODEL, 10_000, 200.0, 1)
BEFORE = [one[one <= 140] for one in DAYS]
REPEATS = np.array([float(one.size) for one in BEFORE])
LAST = np.array([one[-1] if one.size else 0.0 for one in BEFORE])
TENURE = np.full(REPEATS.size, 140.0)


def test_the_parameters_of_a_simulation_are_found_again() -> None:
    found = bgnbd.fit(REPEATS, LAST, TENURE)
    assert (found.r, found.alpha) == (pytest.approx(1.2, rel=0.1), pytest.approx(30, rel=0.1))
    assert found.a / (found.a + found.b) == pytest.approx(0.8 / 3.8, rel=0.15)


def test_it_says_what_simulated_customers_do() -> None:
    after = np.array([(one > 140).sum() for one in DAYS])
    quiet, expected = MODEL.quiet(REPEATS, LAST, TENURE, 60), MODEL.expected(REPEATS, LAST, TENURE, 60)
    groups = np.digitize(REPEATS, [1, 3, 8]) * 3 + np.digitize(LAST, [60, 120])
    for group in np.unique(groups):
        inside = groups == group
        if inside.sum() > 500:
            assert quiet[inside].mean() == pytest.approx((after[inside] == 0).mean(), abs=0.04)
            assert expected[inside].mean() == pytest.approx(after[inside].mean(), rel=0.1, abs=0.03)


def test_one_less_the_chance_of_being_active_is_no_score_of_churn() -> None:
    """Who never came back cannot have left, says the model, and is the likeliest to stay quiet."""
    never, regular = (np.array([one, *[0.0] * 0]) for one in (0.0, 20.0))
    last = np.array([130.0])
    assert PUBLISHED.alive(never, never, np.array([140.0])) == 1 > PUBLISHED.alive(regular, last, np.array([140.0]))
    assert PUBLISHED.quiet(never, never, np.array([140.0]), 8) > PUBLISHED.quiet(regular, last, np.array([140.0]), 8)


@pytest.mark.parametrize(("repeats", "last", "tenure"), [(0, 0, 30.0), (2, 30.43, 38.86), (10, 35.0, 38.86), (26, 30.0, 31.0)])
def test_expected_orders_are_those_of_equation_10(repeats: float, last: float, tenure: float) -> None:
    m, t = PUBLISHED, 39.0
    ratio = (m.alpha + tenure) / (m.alpha + tenure + t)
    series = hyp2f1(m.r + repeats, m.b + repeats, m.a + m.b + repeats - 1, t / (m.alpha + tenure + t))
    top = (m.a + m.b + repeats - 1) / (m.a - 1) * (1 - ratio ** (m.r + repeats) * series)
    leaving = m.a / (m.b + repeats - 1) * ((m.alpha + tenure) / (m.alpha + last)) ** (m.r + repeats) if repeats else 0
    found = m.expected(*(np.array([float(one)]) for one in (repeats, last, tenure)), t)
    assert found[0] == pytest.approx(top / (1 + leaving), rel=2e-3)


def test_a_customer_of_the_paper() -> None:
    """Customer 0001 of the published spreadsheet: x 2, last 30.43, tenure 38.86 weeks: 1.226 orders in the next 39 weeks."""
    found = PUBLISHED.expected(np.array([2.0]), np.array([30.43]), np.array([38.86]), 39)
    assert found[0] == pytest.approx(1.226, abs=0.01)


def test_nobody_left_does_not_run_away() -> None:
    """All order like clocks, so nothing is known of leaving: the ridge keeps log a and log b within a few units of 0."""
    found = bgnbd.fit(np.full(100, 10.0), np.full(100, 99.0), np.full(100, 100.0))
    assert all(np.isfinite([found.r, found.alpha, found.a, found.b]))
    assert 1e-3 < found.a < 50
    assert found.b < 900


@pytest.mark.parametrize("repeats", [0.0, 1.0, 5000.0])
def test_extreme_customers_have_finite_answers(repeats: float) -> None:
    one = np.array([repeats])
    for last, tenure in ((0.0, 0.0), (0.0, 10_000.0), (10_000.0, 10_000.0)):
        args = (one, np.array([last]), np.array([tenure]))
        assert 0 <= MODEL.quiet(*args, 30)[0] <= 1
        assert 0 <= MODEL.expected(*args, 365)[0] < np.inf


def test_gamma_gamma_finds_the_parameters_of_a_simulation() -> None:
    rng = np.random.default_rng(4)
    orders = rng.integers(1, 8, 20_000).astype(float)
    nu = rng.gamma(4.0, 1 / 50.0, orders.size)
    mean = rng.gamma(6.0 * orders, 1 / nu) / orders
    found = gamma_gamma.fit(orders, mean)
    assert found.mean == pytest.approx(100, rel=0.03)
    assert (found.p, found.q) == (pytest.approx(6, rel=0.15), pytest.approx(4, rel=0.15))
    twice = gamma_gamma.fit(orders, mean * 7)
    assert twice.expected_value(np.array([3.0]), np.array([700.0])) == pytest.approx(
        7 * found.expected_value(np.array([3.0]), np.array([100.0])), rel=1e-3
    )


@pytest.mark.parametrize("absurd", [1e6, 1e12])
def test_gamma_gamma_stands_an_absurd_amount(absurd: float) -> None:
    """A customer of many orders, and of one, expect hardly more for somebody else's million million."""
    rng = np.random.default_rng(4)
    orders = rng.integers(1, 8, 300).astype(float)
    mean = rng.gamma(6.0 * orders, 1 / rng.gamma(4.0, 1 / 50.0, orders.size)) / orders
    ones, hundreds = np.array([1.0, 7.0]), np.array([100.0, 100.0])
    before = gamma_gamma.fit(orders, mean).expected_value(ones, hundreds)
    mean[0] = absurd
    assert gamma_gamma.fit(orders, mean).expected_value(ones, hundreds) == pytest.approx(before, rel=0.1)


def test_gamma_gamma_of_the_starter() -> None:
    prior = GammaGamma(6.0, 4.0, 50.0)
    assert prior.expected_value(np.array([0.0]), np.array([0.0]))[0] == prior.mean == 100
    assert prior.expected_value(np.array([2.0]), np.array([107.745]))[0] == pytest.approx(6 * (50 + 215.49) / 15)
    assert 100 < prior.expected_value(np.array([1.0]), np.array([500.0]))[0] < 500


def test_money_of_a_brand_that_gives_everything_away() -> None:
    assert gamma_gamma.fit(np.ones(3), np.zeros(3)).expected_value(np.ones(1), np.zeros(1))[0] == 0


def test_contributions_add_up_from_the_usual_customer() -> None:
    histories = [History(np.cumsum([0.0, *np.diff(one)]) + 5, np.full(one.size, 20.0)) for one in BEFORE[:300] if one.size]
    purchases = purchases_at([*histories, History([], [])], 145.0)
    model = classic.fit(purchases, 30)
    names, parts = model.contributions(purchases)
    churn = model.score(purchases).churn
    assert names == ("orders", "span_days", "recency_days", "base")
    np.testing.assert_allclose(parts[:-1].sum(axis=1), np.log(churn[:-1] / (1 - churn[:-1])), rtol=1e-6, atol=1e-6)
    assert np.isnan(parts[-1]).all()
    assert np.isnan(churn[-1])
    assert len(set(parts[:-1, -1])) == 1
