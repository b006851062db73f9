"""The starter model: trees over how many orders, how long ago and over how long; amounts only scale the money."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import expit

from app.domain.errors import ModelMissing
from app.learn.gamma_gamma import GammaGamma
from app.learn.purchases import Floats, Purchases
from app.learn.scores import HORIZON, Scores, scored, spread
from app.learn.trees import Trees

FILE = Path(__file__).with_name("model.json")
HEADS = ("churn", "orders_30", "orders_90", "orders_365")
# Each column never falls or never rises with recency and with orders, so what is monotone in the columns is monotone in them.
COLUMNS = ("orders", "recency_days", "span_days", "orders_a_day", "share_silent")
CHURN_LAW = (-1, 1, 0, -1, 1)
SOFT_DAYS = 28.0  # keeps the two ratios finite and tame for customers of today


@dataclass(frozen=True, slots=True)
class Starter:
    """`version` names what it was trained from; `order_value` is the Gamma-Gamma prior of money."""

    version: str
    heads: Mapping[str, Trees]
    order_value: GammaGamma
    metadata: Mapping[str, object]

    kind = "starter"
    horizon = HORIZON

    def score(self, purchases: Purchases, mean_order_value: float | None = None) -> Scores:
        """`mean_order_value` moves the prior of an order's money to the brand's; None or nothing above 0 leaves it."""
        known = mean_order_value is not None and np.isfinite(mean_order_value) and mean_order_value > 0
        prior = self.order_value.scaled_to(float(mean_order_value or 0)) if known else self.order_value

        def score(some: Purchases) -> Scores:
            inputs = matrix(some.orders, some.recency, some.span)
            churn, month, quarter, year = (self.heads[name].margin(inputs) for name in HEADS)
            value = prior.expected_value(some.repeats + 1, some.mean_value)
            return Scores(expit(churn), np.exp(month), np.exp(quarter), np.exp(year), value)

        return scored(purchases, score)

    def contributions(self, purchases: Purchases) -> tuple[tuple[str, ...], Floats]:
        known = purchases[purchases.known]
        found = self.heads["churn"].contributions(matrix(known.orders, known.recency, known.span))
        return (*COLUMNS, "base"), spread(purchases.known, found)

    def to_dict(self) -> dict[str, object]:
        heads = {name: trees.to_dict() for name, trees in self.heads.items()}
        value = {"p": self.order_value.p, "q": self.order_value.q, "v": self.order_value.v}
        return {"kind": self.kind, "version": self.version, "metadata": self.metadata, "order_value": value, "heads": heads}

    @classmethod
    def of(cls, content: Mapping[str, object]) -> "Starter":
        """From what `to_dict` gave. KeyError, TypeError or ValueError when it is something else."""
        match content:
            case {"version": str(version), "heads": dict(heads), "order_value": dict(value), "metadata": dict(metadata)}:
                trees = {name: Trees.of(COLUMNS, heads[name]) for name in HEADS}
                return cls(version, trees, GammaGamma(**value), metadata)
        raise ValueError("not a starter model")


def matrix(orders: Floats, recency: Floats, span: Floats) -> Floats:
    """Customers x COLUMNS. Days; `orders` from 1. A customer of one order has no span, which is not a span of 0."""
    tenure = recency + span + SOFT_DAYS
    return np.stack([orders, recency, np.where(orders > 1, span, -1.0), orders / tenure, 1 - (span + SOFT_DAYS) / tenure], axis=1)


def load(path: Path = FILE) -> Starter:
    """The committed model. Raises ModelMissing when the file is not there or holds something else."""
    mend = f"get {path.name} back from the repository, or make it anew: make train-starter"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError as missing:
        raise ModelMissing(f"the starter model {path} is not there; {mend}") from missing
    except (OSError, KeyError, TypeError, ValueError) as broken:
        raise ModelMissing(f"the starter model {path} cannot be read ({broken}); {mend}") from broken


@lru_cache(maxsize=1)
def _read(path: Path, written_ns: int) -> Starter:
    return Starter.of(json.loads(path.read_text(encoding="utf-8")))
