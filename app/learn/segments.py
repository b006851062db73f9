"""Segments and journeys: the standard RFM segments as one table, read from the top; the first row that fits names a person."""

import math
from dataclasses import dataclass

ANY = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a segment is told from. `silent_days` since the last order, `orders` with opening balances, `spend_ratio` to the
    brand's mean spend of a buyer, `churn` 0 to 1."""

    silent_days: float
    orders: int
    spend_ratio: float
    churn: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Each range is from (inclusive) to (exclusive). `stage` and `action` are the journey's."""

    name: str
    says: str
    stage: str
    action: str
    silent_days: tuple[float, float] = ANY
    orders: tuple[float, float] = ANY
    spend_ratio: tuple[float, float] = ANY
    churn: tuple[float, float] = ANY

    def holds(self, one: Standing) -> bool:
        return all(
            low <= value < high
            for value, (low, high) in (
                (one.silent_days, self.silent_days),
                (one.orders, self.orders),
                (one.spend_ratio, self.spend_ratio),
                (one.churn, self.churn),
            )
        )


HIGH_CHURN, EVEN_CHURN = 0.70, 0.50
REPEAT, OFTEN = (2, math.inf), (5, math.inf)

SEGMENTS = (
    Segment("lost", "silent for more than a year", "lost", "Ask once whether to stay in touch", silent_days=(365, math.inf)),
    Segment(
        "hibernating",
        "silent for half a year, or for a quarter after a single order",
        "dormant",
        "Send a reminder of what they bought",
        silent_days=(180, math.inf),
    ),
    Segment(
        "hibernating",
        "silent for half a year, or for a quarter after a single order",
        "dormant",
        "Send a reminder of what they bought",
        silent_days=(90, math.inf),
        orders=(0, 2),
    ),
    Segment(
        "at_risk",
        "bought repeatedly and will probably not return",
        "at_risk",
        "Send a win-back offer",
        orders=REPEAT,
        churn=(HIGH_CHURN, math.inf),
    ),
    Segment(
        "at_risk",
        "bought repeatedly and is silent for two months",
        "at_risk",
        "Send a win-back offer",
        orders=REPEAT,
        silent_days=(60, math.inf),
    ),
    Segment(
        "champion",
        "buys often, lately, and no less than others",
        "retention",
        "Offer early access and exclusive products",
        silent_days=(0, 30),
        orders=OFTEN,
        spend_ratio=(0.8, math.inf),
        churn=(0, EVEN_CHURN),
    ),
    Segment(
        "loyal_customer",
        "buys repeatedly",
        "retention",
        "Send personalized product recommendations",
        orders=REPEAT,
        churn=(0, EVEN_CHURN),
    ),
    Segment("need_attention", "bought repeatedly and may go", "retention", "Send a limited-time offer", orders=REPEAT),
    Segment(
        "potential_loyalist",
        "a first order lately, of much more than others spend",
        "growth",
        "Invite to the loyalty programme",
        silent_days=(0, 30),
        spend_ratio=(1.5, math.inf),
    ),
    Segment("new_customer", "a first order lately", "onboarding", "Welcome and help with the first order", silent_days=(0, 30)),
    Segment("about_to_sleep", "a single order, one to three months ago", "at_risk", "Remind of products like the first one"),
)


def segment(one: Standing) -> Segment:
    """Where somebody who has ordered stands. The last row fits everybody."""
    return next((row for row in SEGMENTS[:-1] if row.holds(one)), SEGMENTS[-1])


def journey_score(churn: float) -> int:
    """0 to 100: 31.5 + 54 (1 - churn), rounded half up (the contract's formula)."""
    return math.floor(31.5 + 54 * (1 - churn) + 0.5)
