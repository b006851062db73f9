"""A brand's own model from about a hundred customers: BG/NBD for how often, Gamma-Gamma for how much."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from scipy.special import logit

from app.learn import bgnbd, gamma_gamma
from app.learn.bgnbd import BgNbd
from app.learn.gamma_gamma import GammaGamma
from app.learn.purchases import Floats, Purchases
from app.learn.scores import HORIZONS, Scores, scored, spread

SURE = 1e-6  # log-odds of a probability nearer to 0 or 1 are those of this
PARTS = ("orders", "span_days", "recency_days")


@dataclass(frozen=True, slots=True)
class Classic:
    """`usual`: the medians of repeat orders, span and recency where it was fitted; contributions are counted from there."""

    buyers: BgNbd
    order_value: GammaGamma
    usual: tuple[float, float, float]
    horizon: int
    version: str = ""

    kind = "bgnbd"

    def score(self, purchases: Purchases, mean_order_value: float | None = None) -> Scores:  # noqa: ARG002 - fitted to a brand
        def score(some: Purchases) -> Scores:
            history = (some.repeats, some.span, some.tenure)
            month, quarter, year = (self.buyers.expected(*history, days) for days in HORIZONS)
            value = self.order_value.expected_value(some.repeats + 1, some.mean_value)
            return Scores(self.buyers.quiet(*history, self.horizon), month, quarter, year, value)

        return scored(purchases, score)

    def contributions(self, purchases: Purchases) -> tuple[tuple[str, ...], Floats]:
        """How the log-odds change when the usual customer is given this one's orders, then the span, then the silence."""
        some = purchases[purchases.known]
        own = (some.repeats, some.span, some.recency)
        steps = []
        for given in range(len(own) + 1):
            repeats, span, recency = (
                one if at < given else np.full(len(some), usual)
                for at, (one, usual) in enumerate(zip(own, self.usual, strict=True))
            )
            quiet = self.buyers.quiet(repeats, span, span + recency, self.horizon)
            steps.append(logit(np.clip(quiet, SURE, 1 - SURE)))
        found = np.column_stack([*(after - before for before, after in pairwise(steps)), steps[0]])
        return (*PARTS, "base"), spread(purchases.known, found)

    def to_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "version": self.version,
            "horizon": self.horizon,
            "buyers": asdict(self.buyers),
            "order_value": asdict(self.order_value),
            "usual": list(self.usual),
        }

    @classmethod
    def of(cls, content: Mapping[str, object]) -> "Classic":
        """From what `to_dict` gave. KeyError, TypeError or ValueError when it is something else."""
        match content:
            case {
                "version": str(version), "horizon": int(horizon), "buyers": dict(buyers),
                "order_value": dict(value), "usual": [float(repeats), float(span), float(recency)],
            }:  # fmt: skip
                return cls(BgNbd(**buyers), GammaGamma(**value), (repeats, span, recency), horizon, version)
        raise ValueError("not a BG/NBD model")


def fit(purchases: Purchases, horizon: int) -> Classic:
    """From customers at one cut; at least one of them has ordered."""
    some = purchases[purchases.known]
    buyers = bgnbd.fit(some.repeats, some.span, some.tenure)
    value = gamma_gamma.fit(some.repeats + 1, some.mean_value)
    usual = tuple(float(np.median(one)) for one in (some.repeats, some.span, some.recency))
    return Classic(buyers, value, (usual[0], usual[1], usual[2]), horizon)
