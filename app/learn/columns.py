"""The columns of a brand's own trees, all made from `Purchases` of who has ordered."""

from collections.abc import Sequence

import numpy as np

from app.learn.features import FADES
from app.learn.purchases import LARGEST, LONGEST, Floats, Purchases
from app.learn.scores import Scores

# Those of churn.
COLUMNS = (
    "orders", "recency_days", "span_days", "tenure_days", "orders_a_day", "mean_gap_days", "gap_variation", "last_gap_days",
    "recency_in_mean_gaps", "recency_in_last_gaps", "mean_value", "spend_a_day", "activities", "activities_an_order",
    "activity_recency_days", "rhythm_quiet", "rhythm_expected",
)  # fmt: skip

# All that there are. Trees keep the names of their own, so that more of them here change nothing that is stored.
EVERYTHING = (
    *COLUMNS, "rhythm_spend",
    *(f"orders_a_day_lately_{fade}" for fade in FADES), *(f"spend_a_day_lately_{fade}" for fade in FADES),
)  # fmt: skip


def known(names: object) -> tuple[str, ...]:
    """Names of columns as they were stored. Raises ValueError when there are none such."""
    if isinstance(names, list | tuple) and set(names) <= set(EVERYTHING):
        return tuple(names)
    raise ValueError("no names of columns")


def chosen(everything: Floats, names: Sequence[str]) -> Floats:
    """Of what `matrix` gave, the columns of these names."""
    found: Floats = everything[:, [EVERYTHING.index(name) for name in names]]
    return found


def matrix(purchases: Purchases, simple: Scores, horizon: int) -> Floats:
    """Customers x EVERYTHING; nan where there is nothing to measure, such as the gap of a single order.

    `simple` are the rhythm's scores of them: `rhythm_quiet` and `rhythm_expected` are what BG/NBD says of the model's horizon,
    `rhythm_spend` what it and Gamma-Gamma do; the trees correct it. `..._lately_7` is a mean over the days since the first order,
    of which one a week ago counts 1/e; nan where nobody looked for faded sums.
    """
    orders, recency, span, tenure = purchases.repeats + 1, purchases.recency, purchases.span, purchases.tenure
    repeats = np.where(orders > 1, orders - 1, np.nan)
    mean_gap = span / repeats
    squares = np.clip(np.nan_to_num(purchases.gap_squares), 0, LONGEST**2) / repeats
    variation = np.sqrt(np.maximum(squares - mean_gap**2, 0)) / (mean_gap + 1)
    last_gap = np.clip(purchases.last_day - purchases.previous_day, 0, LONGEST)
    activities = np.clip(np.nan_to_num(purchases.activities), 0, 1e6)
    active = np.clip(purchases.at - purchases.last_activity_day, 0, LONGEST)
    fades = np.array(FADES, float)
    days = fades * -np.expm1(-np.maximum(tenure, 1)[:, None] / fades)
    columns = [
        orders, recency, span, tenure, orders / (tenure + 1), mean_gap, variation, last_gap,
        recency / (mean_gap + 1), recency / (last_gap + 1), purchases.mean_value, purchases.mean_value * orders / (tenure + 1),
        activities, activities / orders, active,
        simple.churn, simple.orders(horizon), simple.spend(horizon),
        *(purchases.faded(purchases.order_pulses) / days).T,
        *(np.clip(purchases.faded(purchases.money_pulses), -LARGEST, LARGEST) / days).T,
    ]  # fmt: skip
    return np.stack(columns, axis=1)
