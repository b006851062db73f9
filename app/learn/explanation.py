"""Why somebody is scored as they are: what each number adds to the log-odds of churn."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.graph.driver import Graph
from app.graph.rows import Row
from app.learn.registry import champion

if TYPE_CHECKING:
    from app.learn.scoring import Champion


async def explain_prediction(graph: Graph, brand_id: str, profile_id: str) -> Row | None:
    """`{model_version, base, contributions: [{column, adds}]}` as of the stored prediction; None without one.

    `adds` is in log-odds, the largest first; with `base`, what is said of anybody, they sum to those of the churn score.
    """
    found = await graph.read("learn/scored_features", brand_id=brand_id, profile_id=profile_id)
    if not found:
        return None
    return await asyncio.to_thread(_explained, await champion(graph, brand_id), found[0]["features"], found[0]["as_of"])


def _explained(scorer: "Champion", features: Mapping[str, Any], as_of: int) -> Row:
    from app.learn.scoring import purchases_of

    columns, values = scorer.model.contributions(purchases_of([features], as_of))
    adds = dict(zip(columns, (round(float(value), 4) for value in values[0]), strict=True))
    base = adds.pop("base")
    ordered = sorted(adds.items(), key=lambda one: (-abs(one[1]), one[0]))
    return {
        "model_version": scorer.version,
        "base": base,
        "contributions": [{"column": column, "adds": value} for column, value in ordered],
    }
