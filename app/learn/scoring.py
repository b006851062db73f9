"""Scores people from their features: pure, a page at a time. Imports the models' libraries, which take seconds to load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from app.domain.money import major
from app.graph.rows import DAY_MS, Row, key
from app.learn.features import FADES
from app.learn.purchases import Floats, Purchases
from app.learn.recommend import Neighbours, Purchase, buy_again, new_for_you
from app.learn.scores import HORIZON, Model, predicted_ltv
from app.learn.segments import Standing, journey_score, segment

Near = tuple[Neighbours, Mapping[str, str]]
RECOMMENDED = 5  # of each list
# Of the features, what models see.
SEEN = (
    "currency", "orders", "spend_minor", "gap_squares", "activities", "first_order_at", "previous_order_at", "last_order_at",
    "last_activity_at", "order_pulses", "money_pulses",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Champion:
    """The model that scores a brand, under which version, and whether it is the `starter` or the brand's `own`."""

    model: Model
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What most buyers of a brand come to (cypher/learn/brand_totals); money in minor units of `currency`."""

    buyers: int
    orders: int
    spend_minor: float
    monetary_minor: float
    currency: str | None

    @property
    def mean_order(self) -> float | None:
        """In major units, 0 where nobody paid; None without an order."""
        return self.spend_minor * major(1, self.currency) / self.orders if self.orders and self.currency else None

    def spend_ratio(self, minor: int) -> float:
        """To the mean of buyers; 1 where nobody spent."""
        mean = self.monetary_minor / self.buyers if self.buyers else 0.0
        return minor / mean if mean > 0 else 1.0


def purchases_of(rows: Sequence[Mapping[str, Any]], as_of: int) -> Purchases:
    """Features (at least those in SEEN) as models see them at a moment (epoch milliseconds)."""

    def numbers(name: str) -> Floats:
        return np.array([np.nan if row[name] is None else row[name] for row in rows], float)

    def pulses(name: str) -> Floats:
        # Nobody looked for those of a set, or of what a prediction was made from, that is older than they are.
        unknown = [np.nan] * len(FADES)
        return np.array([row.get(name) or unknown for row in rows], float).reshape(len(rows), len(FADES))

    majors = np.array([major(1, row["currency"]) for row in rows], float)

    return Purchases(
        orders=numbers("orders"),
        first_day=numbers("first_order_at") / DAY_MS,
        last_day=numbers("last_order_at") / DAY_MS,
        previous_day=numbers("previous_order_at") / DAY_MS,
        gap_squares=numbers("gap_squares"),
        spend=np.array([major(row["spend_minor"], row["currency"]) for row in rows], float),
        activities=numbers("activities"),
        last_activity_day=numbers("last_activity_at") / DAY_MS,
        at=as_of / DAY_MS,
        order_pulses=pulses("order_pulses"),
        money_pulses=pulses("money_pulses") * majors[:, None],
    )


def bought_by(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keys of all products that these people bought lately."""
    return {product for row in rows for product, *_ in orjson.loads(row["products"])}


def scored_rows(
    brand_id: str, champion: Champion, rows: Sequence[Mapping[str, Any]], totals: Totals, near: Near, as_of: int
) -> list[Row]:
    """Rows of cypher/learn/predictions_write for people who have ordered."""
    purchases = purchases_of(rows, as_of)
    scores = champion.model.score(purchases, totals.mean_order)
    opening = np.array([major(row["monetary_minor"] - row["spend_minor"], row["currency"]) for row in rows], float)
    worth = {days: predicted_ltv(purchases, scores, days) + opening for days in (30, 90, 365)}
    found = []
    for n, row in enumerate(rows):
        churn = float(scores.churn[n])
        ratio = 1.0 if row["elsewhere"] else totals.spend_ratio(row["monetary_minor"])
        place = segment(Standing(float(purchases.recency[n]), row["frequency"], ratio, churn))
        named = {"key": key(brand_id, row["profile_id"]), "brand_id": brand_id, "profile_id": row["profile_id"]}
        prediction = {
            **named,
            "churn_score": round(churn, 4),
            "predicted_ltv": round(float(worth[30][n]), 2),
            "predicted_ltv_90": round(float(worth[90][n]), 2),
            "predicted_ltv_365": round(float(worth[365][n]), 2),
            "currency": row["currency"],
            "segment": place.name,
            "recency_days": round(float(purchases.recency[n]), 3),
            "tenure_days": round(float(purchases.tenure[n]), 3),
            "spend_ratio": round(ratio, 4),
            "horizon_days": HORIZON,
            "model_version": champion.version,
            "model_source": champion.source,
            "features_clock": row["clock"],
            "features_from": row["holds_from"],
            "scored_from": orjson.dumps({name: row[name] for name in SEEN}).decode(),
            "recommended": orjson.dumps(recommended(orjson.loads(row["products"]), near, as_of)).decode(),
        }
        journey = {**named, "stage": place.stage, "score": journey_score(churn), "next_best_action": place.action}
        found.append({"key": named["key"], "prediction": prediction, "journey": journey})
    return found


def recommended(bought: Sequence[tuple[str, str, str | None, list[int]]], near: Near, as_of: int) -> dict[str, list[Row]]:
    """Two lists of products, the best first: `buy_again` of one's own, `new_for_you` of what others bought beside them.

    `bought` as `features.products` gives it; `near` are the brand's neighbours of products and their names.
    """
    neighbours, names = near
    times = [Purchase(product, name, at / DAY_MS) for product, name, _, moments in bought for at in moments]
    ids = {name: product_id for _, name, product_id, _ in bought}
    again = buy_again(times, as_of / DAY_MS, RECOMMENDED)
    by_id = {f"id:{product_id}" for product_id in ids.values() if product_id}
    new = new_for_you((product for product, *_ in bought), neighbours, RECOMMENDED, by_id)
    return {
        "buy_again": [{"product_id": ids.get(name), "product_name": name} for name in again],
        "new_for_you": [{"product_key": product, "product_name": names[product]} for product in new],
    }
