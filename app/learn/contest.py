"""Champion against challenger, on the latest days that neither has seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.learn.gamma_gamma import DEAREST, tamed
from app.learn.measures import (
    auc,
    brier,
    brier_difference,
    calibration_error,
    mean_absolute_error,
    rank_correlation,
    top_decile_capture,
)
from app.learn.purchases import Floats, Histories, History, Purchases, purchases_at
from app.learn.scores import Model, Scores

CALIBRATED = 0.05  # an ECE that is good enough whatever the champion's is
SEED = 41  # of all that is drawn in training and in judging it
Metrics = dict[str, float]


@dataclass(frozen=True, slots=True)
class Holdout:
    """Customers with an order until the cut, and what they did in the `horizon` days (30, 90 or 365) after it."""

    purchases: Purchases
    orders: Floats
    money: Floats
    horizon: int

    @property
    def quiet(self) -> Floats:
        return np.equal(self.orders, 0).astype(float)

    @property
    def naive_money(self) -> Floats:
        """Each customer's spend a day since the first order (of at least a day), times the horizon."""
        days: Floats = np.maximum(self.purchases.tenure, 1)
        return np.maximum(self.purchases.spend, 0) / days * self.horizon

    @property
    def mean_order_value(self) -> float:
        """Of the orders before the cut, as a brand's is told to models; 0 without any."""
        orders, values = self.purchases.orders, self.purchases.mean_value
        return float(np.average(tamed(values, DEAREST), weights=orders)) if orders.size else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` says why, one sentence a rule that failed, or the one that let it through."""

    promoted: bool
    reasons: list[str]
    metrics: dict[str, Metrics]


def held_out(histories: Histories | Sequence[History], cut: float, horizon: int) -> Holdout:
    """Models to be compared on this may have seen nothing later than `cut`."""
    flat = histories if isinstance(histories, Histories) else Histories.of(histories)
    purchases = purchases_at(flat, cut)
    known = purchases.known
    orders, money = flat.between(cut, cut + horizon)
    return Holdout(purchases[known], orders[known], money[known], horizon)


def measured(scores: Scores, holdout: Holdout) -> Metrics:
    """How good one model is; `naive_*` beside it is the naive rate. `ltv_total`: all money that it says, of all that came."""
    quiet, money = holdout.quiet, scores.spend(holdout.horizon)
    return {
        "auc": auc(quiet, scores.churn),
        "brier": brier(quiet, scores.churn),
        "ece": calibration_error(quiet, scores.churn),
        "ltv_mae": mean_absolute_error(holdout.money, money),
        "ltv_spearman": rank_correlation(holdout.money, money),
        "ltv_top_decile": top_decile_capture(holdout.money, money),
        "ltv_total": float(money.sum() / holdout.money.sum()) if holdout.money.sum() > 0 else float("nan"),
        "naive_ltv_mae": mean_absolute_error(holdout.money, holdout.naive_money),
        "naive_ltv_top_decile": top_decile_capture(holdout.money, holdout.naive_money),
    }


def contest(champion: Model, challenger: Model, holdout: Holdout) -> Verdict:
    """Promoted when churn is better beyond chance, still calibrated, and money is no worse than the naive rate.

    Both look ahead as far as the hold-out does. Without customers, or when all of them ended alike, nothing is promoted.
    """
    quiet = holdout.quiet
    if len(holdout.purchases) < 2 or quiet.min() == quiet.max():
        return Verdict(False, ["on the latest days all customers ended alike, so nothing can be told apart"], {})
    before = champion.score(holdout.purchases, holdout.mean_order_value)
    after = challenger.score(holdout.purchases, holdout.mean_order_value)
    old, new = measured(before, holdout), measured(after, holdout)
    gain = brier_difference(quiet, after.churn, before.churn, seed=SEED)
    new |= {"brier_difference": gain.difference, "brier_difference_low": gain.low, "brier_difference_high": gain.high}
    failed = [reason for reason, broken in _rules(old, new) if broken]
    won = f"Brier {new['brier']:.4f} instead of {old['brier']:.4f}, beyond chance; calibrated; money no worse than the naive rate"
    return Verdict(not failed, failed or [won], {"champion": old, "challenger": new})


def _rules(old: Mapping[str, float], new: Mapping[str, float]) -> list[tuple[str, bool]]:
    """(what to say, whether the rule is broken)."""
    low, high = new["brier_difference_low"], new["brier_difference_high"]
    allowed = max(CALIBRATED, old["ece"])
    return [
        (f"Brier is not better beyond chance: the difference is between {low:+.4f} and {high:+.4f}", not high < 0),
        (f"ECE {new['ece']:.3f} is above {allowed:.3f}", new["ece"] > allowed),
        (
            f"the error of LTV, {new['ltv_mae']:.2f}, is above the naive rate's {new['naive_ltv_mae']:.2f}",
            new["ltv_mae"] > new["naive_ltv_mae"],
        ),
        (
            f"the top tenth holds {new['ltv_top_decile']:.3f} of the money; the naive rate's {new['naive_ltv_top_decile']:.3f}",
            new["ltv_top_decile"] < new["naive_ltv_top_decile"],
        ),
    ]


CARD = """# Model {version}

Kind `{kind}`, trained on this brand's own history. Churn is P(no order in the next {horizon} days).

{facts}

| measure on the latest hold-out | {names} |
| --- | {rules} |
{rows}

{reasons}

Meant for ordering and addressing customers of this brand. Not for decisions on a person beyond marketing, and not for other
brands. It knows orders, amounts and the number of visits, and nothing of who somebody is.
"""


def card(model: Model, verdict: Verdict, facts: Mapping[str, object]) -> str:
    """A model card. `facts`: data window, customers, seed, library versions and the like, in the order they are shown."""
    names = list(verdict.metrics)
    measures = list(verdict.metrics[names[-1]]) if names else []
    rows = (f"| {one} | " + " | ".join(_cell(verdict.metrics[name].get(one)) for name in names) + " |" for one in measures)
    return CARD.format(
        version=model.version or "(not registered)",
        kind=model.kind,
        horizon=model.horizon,
        facts="\n".join(f"* {name}: {value}" for name, value in facts.items()),
        names=" | ".join(names),
        rules=" | ".join("--:" for _ in names),
        rows="\n".join(rows),
        reasons=("Promoted: " if verdict.promoted else "Not promoted: ") + "; ".join(verdict.reasons) + ".",
    )


def _cell(value: float | None) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.4f}"
