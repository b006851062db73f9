"""What is learnt of a person, as the API shows it."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.domain.money import major
from app.graph.driver import Graph
from app.graph.rows import DAY_MS, Row, moment

DATES = ("first_order_at", "previous_order_at", "last_order_at", "last_activity_at", "as_of", "built_at")


def features_view(row: Mapping[str, Any] | None) -> Row | None:
    """Features with what depends on the date worked out for the moment they were built for, `as_of`.

    `recency_days` is since the last order, `activity_days` since anything; both null when there was none.
    """
    if row is None:
        return None
    at = row["as_of"]
    last = max((row[name] for name in ("last_order_at", "last_activity_at") if row[name] is not None), default=None)
    return {
        "recency_days": _days(row["last_order_at"], at),
        "activity_days": _days(last, at),
        "tenure_days": _days(row["first_order_at"], at),
        "frequency": row["frequency"],
        "monetary": major(row["monetary_minor"], row["currency"]),
        "currency": row["currency"],
        "orders": row["orders"],
        "mean_gap_days": row["mean_gap_days"],
        "profile_strength": row["profile_strength"],
        "category_affinity": dict(zip(row["categories"], row["category_counts"], strict=True)),
        "channel_mix": dict(zip(row["channels"], row["channel_counts"], strict=True)),
        "activities": row["activities"],
        "visits": row["visits"],
        "visit_minutes": row["visit_minutes"],
        "open_intents": row["open_intents"],
        "identifiers": dict(zip(row["identifier_types"], row["identifier_counts"], strict=True)),
        "shared_identifiers": row["shared_identifiers"],
        "shared_degree": row["shared_degree"],
        "component_size": row["component_size"],
        "constituents": row["constituents"],
        "schema_version": row["schema_version"],
        **{name: moment(row[name]) for name in DATES},
    }


def learnt_view(row: Mapping[str, Any]) -> Row:
    """All that is learnt of a person, from the stored `features`, `prediction` and `journey`; each may be None."""
    return {
        "features": features_view(row["features"]),
        "predictions": _prediction_view(row["prediction"]),
        "unscored_because": None if row["prediction"] else _unscored(row["features"]),
        "journey": _journey_view(row["journey"]),
    }


async def learnt_of(graph: Graph, brand_id: str, profile_id: str) -> Row | None:
    """The same of who answers for a profile id; None when nobody does."""
    found = await graph.read("read/learnt", brand_id=brand_id, profile_id=profile_id)
    return learnt_view(found[0]) if found else None


def _prediction_view(row: Mapping[str, Any] | None) -> Row | None:
    """A person's scores. `recommendations` are names, the best first; `recommended` says more of each, in two lists."""
    if row is None:
        return None
    recommended = orjson.loads(row["recommended"] or '{"buy_again": [], "new_for_you": []}')
    names = [one["product_name"] for listed in recommended.values() for one in listed]
    return {
        **{
            name: row[name]
            for name in (
                "churn_score",
                "predicted_ltv",
                "predicted_ltv_90",
                "predicted_ltv_365",
                "currency",
                "segment",
                "recency_days",
                "tenure_days",
                "spend_ratio",
                "horizon_days",
                "model_version",
                "model_source",
            )
        },
        "recommendations": names,
        "recommended": recommended,
        "as_of": moment(row["as_of"]),
        "scored_at": moment(row["scored_at"]),
    }


def _journey_view(row: Mapping[str, Any] | None) -> Row | None:
    if row is None:
        return None
    names = ("stage", "previous_stage", "score", "previous_score", "next_best_action")
    return {**{name: row[name] for name in names}, "as_of": moment(row["as_of"])}


def _unscored(features: Mapping[str, Any] | None) -> str | None:
    """Why somebody without a prediction has none."""
    if features is None:
        return "not scored yet; POST /api/jobs/predictions/run does"
    return "no order with a time is known as of then" if not features["orders"] else "not scored yet"


def _days(since: int | None, at: int) -> float | None:
    return None if since is None else round(max(0, at - since) / DAY_MS, 3)
