"""How good scores are. `quiet`: 1 for who did not order within the horizon, else 0; `churn`: what was said of it, 0 to 1."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import brier_score_loss, roc_auc_score

from app.learn.purchases import Floats

BINS = 10
SMALLEST_SHARE = 1e-4  # of a bin of the PSI: an empty bin would make it infinite


@dataclass(frozen=True, slots=True)
class Interval:
    """`low` to `high` holds 95 % of the bootstrap's differences."""

    difference: float
    low: float
    high: float


def auc(quiet: Floats, churn: Floats) -> float:
    """Area under the ROC curve; nan when all customers ended alike."""
    return float(roc_auc_score(quiet, churn)) if 0 < quiet.mean() < 1 else float("nan")


def brier(quiet: Floats, churn: Floats) -> float:
    """Mean squared difference."""
    return float(brier_score_loss(quiet, churn, pos_label=1))


def calibration_error(quiet: Floats, churn: Floats, bins: int = BINS) -> float:
    """ECE: customers sorted by score into bins of equal number; the mean over bins, by their size, of |mean score - share quiet|.

    Equal mass, because scores crowd at one end and bins of equal width would be nearly empty.
    """
    order = np.argsort(churn, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    return float(sum(part.size * abs(churn[part].mean() - quiet[part].mean()) for part in parts) / churn.size)


def mean_absolute_error(actual: Floats, predicted: Floats) -> float:
    return float(np.abs(actual - predicted).mean())


def rank_correlation(actual: Floats, predicted: Floats) -> float:
    """Spearman's; nan when one of the two is constant."""
    if np.ptp(actual) == 0 or np.ptp(predicted) == 0:
        return float("nan")
    return float(spearmanr(actual, predicted).statistic)


def top_decile_capture(actual: Floats, predicted: Floats) -> float:
    """Share of all actual money that the tenth of customers with the highest predictions brought; nan without money.

    Among equal predictions at the edge everyone counts in part, so the order of the rows does not matter.
    """
    total = actual.sum()
    if total <= 0:
        return float("nan")
    wanted = max(1, actual.size // 10)
    edge = np.partition(predicted, -wanted)[-wanted]
    above, level = predicted > edge, predicted == edge
    share = (wanted - above.sum()) / level.sum()
    return float((actual[above].sum() + share * actual[level].sum()) / total)


def brier_difference(quiet: Floats, churn: Floats, other: Floats, *, seed: int, rounds: int = 1000) -> Interval:
    """Brier of `churn` less that of `other` (below 0: `churn` is better), with a paired percentile bootstrap over customers."""
    each = (churn - quiet) ** 2 - (other - quiet) ** 2
    rng = np.random.default_rng(seed)
    means = np.array([each[rng.integers(0, each.size, each.size)].mean() for _ in range(rounds)])
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(each.mean()), float(low), float(high))


def population_stability(before: Floats, now: Floats, bins: int = BINS) -> float:
    """PSI between two samples of one number: sum over bins of (now - before) ln(now / before), of shares.

    Bins are the deciles of `before` (the outer ones reach to infinity). A value that several of them fall on, such as the one
    order of most customers, is a bin of its own, so that who is beyond it is seen; an empty bin counts as 0.01 %. Usual reading:
    below 0.1 steady, above 0.25 drifted. nan values are left out, and without any value the answer is nan.
    """
    before, now = before[np.isfinite(before)], now[np.isfinite(now)]
    if not before.size or not now.size:
        return float("nan")
    cuts, falls = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]), return_counts=True)
    edges = np.sort(np.concatenate([cuts, np.nextafter(cuts[falls > 1], np.inf)]))
    shares = []
    for sample in (before, now):
        counts = np.bincount(np.searchsorted(edges, sample, side="right"), minlength=edges.size + 1)
        shares.append(np.maximum(counts / sample.size, SMALLEST_SHARE))
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
