"""The BG/NBD model of repeat purchases (Fader, Hardie & Lee 2005, "Counting your customers the easy way").

Orders come at a rate lambda ~ Gamma(r, alpha) while active; after every repeat order a customer leaves with p ~ Beta(a, b).
`repeats` are orders after the first, `last` the days from the first order to the last, `tenure` to now.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, expit, gammaln

from app.learn.purchases import Floats

RIDGE = 0.1  # on log a and log b, over the number of customers: without anybody who surely left, both run away together
MOST_REPEATS = 2_000.0
_NODES, _WEIGHTS = leggauss(48)


@dataclass(frozen=True, slots=True)
class BgNbd:
    """`alpha` in days."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, repeats: Floats, last: Floats, tenure: Floats) -> Floats:
        """P(has not left), and no score of churn: who has not ordered again cannot have left."""
        waiting = (self.r + repeats) * np.log((self.alpha + tenure) / (self.alpha + last))
        odds = np.log(self.a / (self.b + np.maximum(repeats, 1) - 1)) + waiting
        return np.where(repeats > 0, expit(-odds), 1.0)

    def quiet(self, repeats: Floats, last: Floats, tenure: Floats, horizon: float) -> Floats:
        """P(no order in the next `horizon` days): has left, or has not and is slow.

        The rate of somebody active is Gamma(r + repeats, alpha + tenure).
        """
        slow = ((self.alpha + tenure) / (self.alpha + tenure + horizon)) ** (self.r + repeats)
        return 1 - self.alive(repeats, last, tenure) * (1 - slow)

    def expected(self, repeats: Floats, last: Floats, tenure: Floats, horizon: float) -> Floats:
        """Expected orders in the next `horizon` days (eq. 10).

        The hypergeometric function of eq. 10 loses its digits for frequent buyers and at a = 1, so the mean it stands for is
        taken over the quantiles of p ~ Beta(a, b + repeats): somebody active makes (1 - exp(-lambda p t)) / p orders, which has a
        closed mean over lambda.
        """
        kinds, kind = np.unique(repeats, return_inverse=True)
        quantiles = betaincinv(self.a, self.b + kinds[:, None], (_NODES + 1) / 2)
        p = np.maximum(quantiles, 1e-12)[kind]
        shape = (self.r + repeats)[:, None]
        orders = -np.expm1(-shape * np.log1p(p * horizon / (self.alpha + tenure)[:, None])) / p
        return self.alive(repeats, last, tenure) * (orders @ _WEIGHTS) / 2


def fit(repeats: Floats, last: Floats, tenure: Floats) -> BgNbd:
    """By maximum likelihood (eq. 6) with a weak ridge. At least one customer; days."""
    x, unit = np.minimum(repeats, MOST_REPEATS), max(1.0, float(tenure.mean()))
    recent, age = last / unit, tenure / unit

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        rate = gammaln(r + x) - gammaln(r) + r * logs[1]
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        leaves = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recent)
        likelihood = rate + np.where(x > 0, np.logaddexp(stays, leaves), stays)
        return float(-likelihood.mean() + RIDGE * (logs[2] ** 2 + logs[3] ** 2) / x.size)

    bounds = [(np.log(1e-3), np.log(1e3)), (np.log(1e-4), np.log(1e4)), (np.log(1e-3), np.log(1e3)), (np.log(1e-3), np.log(1e3))]
    found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=bounds).x
    r, alpha, a, b = (float(one) for one in np.exp(found))
    return BgNbd(r, alpha * unit, a, b)
