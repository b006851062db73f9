"""What the starter model is taught from: simulated customers, and what the model that made them says of their future."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from app.learn.gamma_gamma import GammaGamma
from app.learn.pareto_nbd import ParetoNbd
from app.learn.purchases import Floats
from app.learn.scores import HORIZON, HORIZONS

# Chosen so that the specification's four scenarios come out near its figures; see CARD.md.
BUYERS = ParetoNbd(r=3.25, alpha=25.5, s=0.75, beta=50.0)
ORDER_VALUE = GammaGamma(p=6.0, q=4.0, v=50.0)
SHORTEST, LONGEST = 0.5, 1500.0  # days since the first order, drawn evenly on a logarithmic scale
LEAST = 1e-3  # expected orders below this are one
# How many repeat orders the law is laid over, and how much each counts there.
GRID = np.array([1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 26, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768], float)
GRID_WEIGHT = GRID**-2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Customers at a cut. `recency` and `span` in days."""

    orders: Floats
    recency: Floats
    span: Floats

    def quiet(self, orders: Floats) -> Floats:
        return BUYERS.quiet(orders - 1, self.span, self.span + self.recency, HORIZON)

    def expected(self, orders: Floats) -> list[Floats]:
        return BUYERS.expected(orders - 1, self.span, self.span + self.recency, HORIZONS)


def simulated(customers: int, seed: int) -> Seen:
    """Each customer twice: at a random cut, and somewhere between the last order until then and that cut (mostly early, where
    scores move most). Rounded to milli-days, so that the last bits of one machine's logarithm do not matter."""
    rng = np.random.default_rng(seed)
    tenure = np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST), customers))
    days = BUYERS.simulate(tenure, rng)
    orders = np.array([1.0 + one.size for one in days])
    span = np.array([one[-1] if one.size else 0.0 for one in days])
    recency = tenure - span
    both = np.concatenate([recency, recency * rng.uniform(0, 1, customers) ** 3])
    return Seen(np.tile(orders, 2), np.round(both, 3), np.round(np.tile(span, 2), 3))


def labels(seen: Seen) -> tuple[Floats, list[Floats]]:
    """(P(no order in 30 days), [log of expected orders in 30, 90, 365 days]), each under the law that more orders never
    make it worse.

    The Pareto/NBD itself does not keep that law: a customer who used to order daily and is silent for a month is more surely
    gone than one who ordered twice. So what it says of 1, 2, 3 ... repeat orders at the same recency and span is replaced by the
    nearest monotone sequence (isotonic regression, weights 1 / repeats^2), read at the customer's own number.
    """
    laid = [seen.quiet(np.full(seen.orders.size, 1 + repeats)) for repeats in GRID]
    quiet = _lawful(seen, np.stack(laid, axis=1), seen.quiet(seen.orders), rising=False)
    counts = [seen.expected(np.full(seen.orders.size, 1 + repeats)) for repeats in GRID]
    own = seen.expected(seen.orders)
    logs = [
        _lawful(seen, _log(np.stack([one[at] for one in counts], axis=1)), _log(own[at]), rising=True)
        for at in range(len(HORIZONS))
    ]
    return np.round(quiet, 6), [np.round(one, 6) for one in logs]


def _log(expected: Floats) -> Floats:
    return np.log(np.maximum(expected, LEAST))


def _lawful(seen: Seen, laid: Floats, own: Floats, *, rising: bool) -> Floats:
    """`laid`: customers x GRID. Who has ordered once keeps their own: no other has the same recency and no span."""
    place = np.interp(np.log(np.maximum(seen.orders - 1, 1)), np.log(GRID), np.arange(GRID.size))
    low = np.minimum(place.astype(int), GRID.size - 2)
    found = np.empty(seen.orders.size)
    for at, row in enumerate(laid):
        law = isotonic_regression(row, weights=GRID_WEIGHT, increasing=rising).x
        found[at] = law[low[at]] + (place[at] - low[at]) * (law[low[at] + 1] - law[low[at]])
    return np.where(seen.orders > 1, found, own)
