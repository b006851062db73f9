"""The Pareto/NBD model of repeat purchases (Schmittlein, Morrison & Colombo 1987), as far as the starter model needs it.

While active a customer orders at a rate lambda ~ Gamma(r, alpha), and leaves after a time with rate mu ~ Gamma(s, beta).
Times are days since the customer's first order. All functions are exact up to a 64-point quadrature.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss

from app.learn.purchases import Floats

_NODES, _WEIGHTS = leggauss(64)


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """`alpha` and `beta` in days; `s` is not 1."""

    r: float
    alpha: float
    s: float
    beta: float

    def simulate(self, tenure: Floats, rng: np.random.Generator) -> list[Floats]:
        """One customer per tenure (days since the first order): the days of the repeat orders made until then, sorted."""
        rate = rng.gamma(self.r, 1 / self.alpha, tenure.size)
        active = np.minimum(rng.exponential(1, tenure.size) / rng.gamma(self.s, 1 / self.beta, tenure.size), tenure)
        return [np.sort(rng.uniform(0, days, rng.poisson(each * days))) for each, days in zip(rate, active, strict=True)]

    def quiet(self, repeats: Floats, last: Floats, tenure: Floats, horizon: float) -> Floats:
        """P(no order in the next `horizon` days | history).

        To stay quiet until then is the same history seen later, so it is a ratio of two likelihoods.
        `last` is the day of the last order and `tenure` the day of now, both counted from the first order.
        """
        gone, active = self._likelihoods(repeats, last, tenure)
        gone_later, active_later = self._likelihoods(repeats, last, tenure + horizon)
        return np.minimum((gone_later + active_later) / (gone + active), 1.0)

    def expected(self, repeats: Floats, last: Floats, tenure: Floats, horizons: Sequence[float]) -> list[Floats]:
        """Expected orders in the next so many days (Fader & Hardie 2005, "A note on deriving the Pareto/NBD model", eq. 41)."""
        gone, active = self._likelihoods(repeats, last, tenure)
        alive, rate = active / (gone + active), (self.r + repeats) / (self.alpha + tenure)
        ratios = ((self.beta + tenure) / (self.beta + tenure + horizon) for horizon in horizons)
        return [alive * rate * (self.beta + tenure) / (self.s - 1) * (1 - ratio ** (self.s - 1)) for ratio in ratios]

    def _likelihoods(self, repeats: Floats, last: Floats, tenure: Floats) -> tuple[Floats, Floats]:
        """Of the history with the customer gone between `last` and `tenure`, and with the customer still active; a common
        factor that depends on `repeats` and `last` alone is left out, so that neither underflows.

        Gone: the integral over the leaving day t of (alpha + t)^-(r + x) s beta^s (beta + t)^-(s + 1), which is smooth in
        w = ((alpha + last) / (alpha + t))^(r + x - 1).
        """
        power = self.r + repeats - 1
        seen = (self.alpha + last) / (self.alpha + tenure)
        lowest = seen**power
        w = lowest[:, None] + (1 - lowest)[:, None] * (_NODES + 1) / 2
        day = (self.alpha + last)[:, None] * w ** (-1 / power[:, None]) - self.alpha
        density = self.s / self.beta * (1 + np.maximum(day, 0) / self.beta) ** (-self.s - 1)
        gone = (density @ _WEIGHTS) * (1 - lowest) / 2 * (self.alpha + last) / power
        return gone, seen ** (power + 1) * (1 + tenure / self.beta) ** -self.s
