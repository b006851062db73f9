"""The Gamma-Gamma model of what an order is worth (Fader & Hardie 2013, "The Gamma-Gamma model of monetary value").

A customer's orders vary by Gamma(p, nu) around an own mean, and nu by Gamma(q, v) over customers; amounts do not depend on
how often somebody orders.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from app.learn.purchases import Floats

RIDGE = 0.01  # on the logarithms: with few customers p and q run off together
# Whose mean is so many times the middle customer's counts as that. In the starter's prior of money one of 1,700 is above DEAREST;
# a fit stands more, as it takes the tail from them.
DEAREST = 10.0
DEAREST_OF_A_FIT = 100.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """`v` in money; q > 1, so that the mean exists."""

    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """Of an order of anybody."""
        return self.p * self.v / (self.q - 1)

    def scaled_to(self, mean: float) -> "GammaGamma":
        """The same shape around another mean."""
        return GammaGamma(self.p, self.q, (self.q - 1) / self.p * mean)

    def expected_value(self, orders: Floats, mean_value: Floats) -> Floats:
        """Expected money of a customer's next order, given `orders` of `mean_value` so far (eq. 5)."""
        return self.p * (self.v + orders * mean_value) / (self.p * orders + self.q - 1)


def tamed(mean_value: Floats, dearest: float) -> Floats:
    """None above `dearest` times the middle one of those above 0 (cypher/learn/brand_totals says the same of a whole brand)."""
    paid = mean_value[mean_value > 0]
    return np.minimum(mean_value, dearest * np.quantile(paid, 0.5, method="inverted_cdf")) if paid.size else mean_value


def fit(orders: Floats, mean_value: Floats) -> GammaGamma:
    """By maximum likelihood with a weak ridge; `mean_value` of each customer, only those above 0 count, none beyond what
    customers may come to.

    Without such customers, an order is worth 0 to everybody.
    """
    paid = (mean_value > 0) & (orders >= 1)
    if not paid.any():
        return GammaGamma(6.0, 4.0, 0.0)
    x, values = orders[paid], tamed(mean_value[paid], DEAREST_OF_A_FIT)
    unit = float(np.average(values, weights=x))
    m = values / unit

    def loss(logs: Floats) -> float:
        p, q, v = np.exp(logs[0]), 1 + np.exp(logs[1]), np.exp(logs[2])
        likelihood = (
            gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
            + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(x * m + v)
        )  # fmt: skip
        return float(-np.mean(likelihood) + RIDGE * np.sum((logs - start) ** 2) / np.sqrt(x.size))

    start = np.log([6.0, 3.0, 0.5])
    bounds = [(np.log(0.05), np.log(500.0))] * 3
    found = np.exp(minimize(loss, start, method="L-BFGS-B", bounds=bounds).x)
    return GammaGamma(float(found[0]), float(1 + found[1]), float(found[2] * unit))
