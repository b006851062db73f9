"""Measures against small cases worked out by hand."""

import numpy as np
import pytest

from app.learn import measures

QUIET = np.array([1.0, 1.0, 0.0, 0.0])


def numbers(*values: float) -> np.ndarray:
    return np.array(values, float)


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert measures.auc(QUIET, numbers(0.9, 0.4, 0.5, 0.1)) == 0.75
    assert np.isnan(measures.auc(np.ones(3), numbers(0.1, 0.2, 0.3)))


def test_brier() -> None:
    assert measures.brier(QUIET, numbers(1, 0.5, 0.5, 0)) == pytest.approx(0.125)


def test_calibration_error_by_bins_of_equal_number() -> None:
    """Two bins: (.1, .3) with a share of 0, and (.6, .8) with a share of 1: (.2 + .3) / 2."""
    assert measures.calibration_error(QUIET, numbers(0.6, 0.8, 0.1, 0.3), bins=2) == pytest.approx(0.25)
    assert measures.calibration_error(QUIET, QUIET) == 0


def test_error_and_rank_of_money() -> None:
    assert measures.mean_absolute_error(numbers(1, 5), numbers(2, 2)) == 2
    assert measures.rank_correlation(numbers(1, 2, 3), numbers(10, 20, 400)) == pytest.approx(1)
    assert np.isnan(measures.rank_correlation(numbers(1, 2, 3), numbers(7, 7, 7)))


def test_top_decile_capture_shares_ties() -> None:
    actual = np.arange(20.0)
    assert measures.top_decile_capture(actual, actual) == pytest.approx((18 + 19) / 190)
    assert measures.top_decile_capture(actual, np.zeros(20)) == pytest.approx(0.1)
    assert np.isnan(measures.top_decile_capture(np.zeros(20), actual))
    assert measures.top_decile_capture(numbers(1, 3), numbers(0.1, 0.9)) == 0.75, "of fewer than ten it is one"


def test_the_interval_of_a_difference_is_paired_and_seeded() -> None:
    rng = np.random.default_rng(2)
    chance = rng.uniform(size=2000)
    quiet = (rng.uniform(size=2000) < chance).astype(float)
    better = measures.brier_difference(quiet, chance, np.full(2000, 0.5), seed=1)
    assert better.low < better.difference < better.high < 0
    assert better.difference == pytest.approx(measures.brier(quiet, chance) - measures.brier(quiet, np.full(2000, 0.5)))
    assert better == measures.brier_difference(quiet, chance, np.full(2000, 0.5), seed=1)
    same = measures.brier_difference(quiet, chance, chance, seed=1)
    assert (same.low, same.difference, same.high) == (0, 0, 0)


def test_stability_sees_a_shift_and_nothing_in_the_same() -> None:
    rng = np.random.default_rng(3)
    before = rng.normal(size=5000)
    assert measures.population_stability(before, rng.normal(size=5000)) < 0.02
    assert measures.population_stability(before, rng.normal(1, 1, 5000)) > 0.25
    assert measures.population_stability(before, np.full(10, 99.0)) < np.inf
    assert np.isnan(measures.population_stability(numbers(np.nan), before))
    assert measures.population_stability(np.zeros(9), np.zeros(4)) == 0
    by_hand = 0.25 * np.log(0.75 / 0.5) - 0.25 * np.log(0.25 / 0.5)
    assert measures.population_stability(numbers(1, 2, 3, 4), numbers(1, 1, 2, 3), bins=2) == pytest.approx(by_hand)


def test_stability_sees_who_leaves_the_value_that_most_have() -> None:
    """All had one order, and half have two now, or none: as a bin that reached from one on, both were no change at all."""
    ones = np.ones(200)
    assert measures.population_stability(ones, ones) == 0
    for other in (0.0, 2.0):
        assert measures.population_stability(ones, np.where(np.arange(200) < 100, 1.0, other)) > 0.25
    nearly = np.r_[np.ones(190), np.full(10, 2.0)]
    assert measures.population_stability(nearly, np.r_[np.ones(100), np.full(100, 2.0)]) > 0.25
    assert measures.population_stability(nearly, nearly[::-1]) == 0
