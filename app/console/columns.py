"""What the numbers that models score by are called, where people read why somebody is scored so."""

SAYS = {
    "orders": "number of orders",
    "recency_days": "days since the last order",
    "span_days": "days from the first order to the last",
    "tenure_days": "days since the first order",
    "orders_a_day": "orders a day",
    "share_silent": "share of their days that came after the last order",
    "mean_gap_days": "days between orders, on the mean",
    "gap_variation": "how much these days vary",
    "last_gap_days": "days between the last two orders",
    "recency_in_mean_gaps": "days of silence, against those between orders",
    "recency_in_last_gaps": "days of silence, against those before the last order",
    "mean_value": "value of an order, on the mean",
    "spend_a_day": "spend a day",
    "activities": "visits, messages, carts and the like",
    "activities_an_order": "visits, messages and the like for each order",
    "activity_recency_days": "days since they did anything but order",
    "rhythm_quiet": "how likely silence is, by their rhythm alone",
    "rhythm_expected": "orders to be expected, by their rhythm alone",
}
