"""A brand's own model from about a thousand customers: trees that know BG/NBD's answer, calibrated on the latest month."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from app.learn.classic import Classic
from app.learn.columns import COLUMNS, matrix
from app.learn.purchases import Floats, Purchases
from app.learn.scores import Scores, scored, spread
from app.learn.trees import Trees

LEAST = 1e-4  # expected orders below this are this to the trees that correct them
FURTHEST = 2.0  # the logarithm of the most that expected orders are corrected by


@dataclass(frozen=True, slots=True)
class Boosted:
    """`churn`: log-odds of no order within the horizon, before `platt` (slope, intercept; Platt 1999).

    `orders`: the logarithm of what BG/NBD's expected orders are multiplied by, the same for every horizon.
    """

    rhythm: Classic
    churn: Trees
    platt: tuple[float, float]
    orders: Trees
    version: str = ""

    kind = "xgboost"

    @property
    def horizon(self) -> int:
        return self.rhythm.horizon

    def score(self, purchases: Purchases, mean_order_value: float | None = None) -> Scores:  # noqa: ARG002 - fitted to a brand
        def score(some: Purchases) -> Scores:
            inputs = matrix(some, self.rhythm)
            slope, intercept = self.platt
            simple = self.rhythm.score(some)
            factor = np.exp(np.clip(self.orders.margin(inputs, base=0.0), -FURTHEST, FURTHEST))
            churn = expit(slope * self.churn.margin(inputs) + intercept)
            counts = (simple.orders_30 * factor, simple.orders_90 * factor, simple.orders_365 * factor)
            return Scores(churn, *counts, simple.value)

        return scored(purchases, score)

    def contributions(self, purchases: Purchases) -> tuple[tuple[str, ...], Floats]:
        """TreeSHAP, in calibrated log-odds."""
        slope, intercept = self.platt
        found = slope * self.churn.contributions(matrix(purchases[purchases.known], self.rhythm))
        found[:, -1] += intercept
        return (*COLUMNS, "base"), spread(purchases.known, found)

    def to_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "version": self.version,
            "rhythm": self.rhythm.to_dict(),
            "churn": self.churn.to_dict(),
            "platt": list(self.platt),
            "orders": self.orders.to_dict(),
        }

    @classmethod
    def of(cls, content: Mapping[str, object]) -> "Boosted":
        """From what `to_dict` gave. KeyError, TypeError or ValueError when it is something else."""
        match content:
            case {
                "version": str(version), "rhythm": dict(rhythm), "churn": churn, "orders": orders,
                "platt": [float(slope), float(intercept)],
            }:  # fmt: skip
                trees = (Trees.of(COLUMNS, one) for one in (churn, orders))
                return cls(Classic.of(rhythm), next(trees), (slope, intercept), next(trees), version)
        raise ValueError("not a boosted model")
