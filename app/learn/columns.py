"""The columns of a brand's own trees, all made from `Purchases` of who has ordered."""

import numpy as np

from app.learn.classic import Classic
from app.learn.purchases import LONGEST, Floats, Purchases

COLUMNS = (
    "orders", "recency_days", "span_days", "tenure_days", "orders_a_day", "mean_gap_days", "gap_variation", "last_gap_days",
    "recency_in_mean_gaps", "recency_in_last_gaps", "mean_value", "spend_a_day", "activities", "activities_an_order",
    "activity_recency_days", "rhythm_quiet", "rhythm_expected",
)  # fmt: skip


def matrix(purchases: Purchases, rhythm: Classic) -> Floats:
    """Customers x COLUMNS; nan where there is nothing to measure, such as the gap of a single order.

    `rhythm_quiet` and `rhythm_expected` are what BG/NBD says of the model's horizon: the trees correct it.
    """
    orders, recency, span, tenure = purchases.repeats + 1, purchases.recency, purchases.span, purchases.tenure
    repeats = np.where(orders > 1, orders - 1, np.nan)
    mean_gap = span / repeats
    squares = np.clip(np.nan_to_num(purchases.gap_squares), 0, LONGEST**2) / repeats
    variation = np.sqrt(np.maximum(squares - mean_gap**2, 0)) / (mean_gap + 1)
    last_gap = np.clip(purchases.last_day - purchases.previous_day, 0, LONGEST)
    activities = np.clip(np.nan_to_num(purchases.activities), 0, 1e6)
    active = np.clip(purchases.at - purchases.last_activity_day, 0, LONGEST)
    history = (purchases.repeats, span, tenure)
    columns = [
        orders, recency, span, tenure, orders / (tenure + 1), mean_gap, variation, last_gap,
        recency / (mean_gap + 1), recency / (last_gap + 1), purchases.mean_value, purchases.mean_value * orders / (tenure + 1),
        activities, activities / orders, active,
        rhythm.buyers.quiet(*history, rhythm.horizon), rhythm.buyers.expected(*history, rhythm.horizon),
    ]  # fmt: skip
    return np.stack(columns, axis=1)
