"""The one interface of every model: what it says of customers, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.learn.purchases import LARGEST, Floats, Purchases

HORIZON = 30  # days; what churn and `predicted_ltv` look ahead
HORIZONS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Scores:
    """One entry a customer; nan for who has not ordered yet."""

    churn: Floats  # P(no order within the model's horizon)
    orders_30: Floats  # expected orders in the next 30 days, and so on; never falling from one to the next
    orders_90: Floats
    orders_365: Floats
    value: Floats  # expected money of one order, major units

    def orders(self, days: int) -> Floats:
        return {30: self.orders_30, 90: self.orders_90, 365: self.orders_365}[days]

    def spend(self, days: int) -> Floats:
        """Expected money in the next 30, 90 or 365 days."""
        return self.orders(days) * self.value


def predicted_ltv(purchases: Purchases, scores: Scores, days: int = HORIZON) -> Floats:
    """Spend so far and what is expected in the next 30, 90 or 365 days; major units."""
    return np.clip(purchases.spend, -LARGEST, LARGEST) + scores.spend(days)


class Model(Protocol):
    """Frozen; the same purchases give the same scores."""

    @property
    def kind(self) -> str:
        """`starter`, `bgnbd` or `xgboost`."""

    @property
    def version(self) -> str:
        """Names what it was trained from; empty until a registry names it."""

    @property
    def horizon(self) -> int:
        """Days that churn looks ahead."""

    def score(self, purchases: Purchases, mean_order_value: float | None = None) -> Scores:
        """`mean_order_value`: of all orders of the brand; a model fitted to a brand has its own and takes no notice."""

    def contributions(self, purchases: Purchases) -> tuple[tuple[str, ...], Floats]:
        """What each column adds to the log-odds of churn: names, and an array of customers x names.

        The last name is `base`, what is said of anybody; a row's sum is the log-odds. Rows of who has not ordered are nan.
        """

    def to_dict(self) -> dict[str, object]:
        """Plain values, with `kind`; `app.learn.model` writes and reads them as JSON."""


def scored(purchases: Purchases, score: Callable[[Purchases], Scores]) -> Scores:
    """Scores of those who have ordered, spread over all; the others get nan. Counts of orders never fall with the horizon."""
    known = purchases.known
    scores = score(purchases[known])
    month, quarter, year = np.maximum.accumulate([scores.orders_30, scores.orders_90, scores.orders_365], axis=0)
    return Scores(*(spread(known, column) for column in (scores.churn, month, quarter, year, scores.value)))


def spread(known: "np.typing.NDArray[np.bool_]", values: Floats) -> Floats:
    """`values` are of the known; nan for the others."""
    full = np.full((known.size, *values.shape[1:]), np.nan)
    full[known] = values
    return full
