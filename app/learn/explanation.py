"""Why somebody is scored as they are: what each number adds to the log-odds of churn."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from app.domain.errors import Conflict
from app.graph.driver import Graph
from app.graph.rows import Row, moment
from app.learn.registry import STARTER, loaded


async def explain_prediction(graph: Graph, brand_id: str, profile_id: str) -> Row | None:
    """`{as_of, model_version, base, contributions: [{column, adds}]}` of the stored prediction; None without one.

    It is the stored one that is explained: by the model that made it and from the features as they were then, whatever the
    brand's model and the features are now. `adds` is in log-odds, the largest first; with `base`, what is said of anybody, they
    sum to those of the churn score. Raises Conflict when that model or those features are there no more.
    """
    found = await graph.read("learn/scored_from", brand_id=brand_id, profile_id=profile_id)
    return await asyncio.to_thread(_explained, found[0]) if found else None


def _explained(row: Mapping[str, Any]) -> Row:
    from app.learn.scoring import purchases_of

    own = row["model_source"] != STARTER
    if row["scored_from"] is None or (own and row["model"] is None):
        raise _gone(row["model_id"])
    scorer = loaded(row if own else None)
    if scorer.version != row["model_id"]:
        raise _gone(row["model_id"])
    columns, values = scorer.model.contributions(purchases_of([orjson.loads(row["scored_from"])], row["as_of"]))
    adds = dict(zip(columns, (round(float(value), 4) for value in values[0]), strict=True))
    base = adds.pop("base")
    ordered = sorted(adds.items(), key=lambda one: (-abs(one[1]), one[0]))
    return {
        "as_of": moment(row["as_of"]),
        "model_version": scorer.version,
        "base": base,
        "contributions": [{"column": column, "adds": value} for column, value in ordered],
    }


def _gone(version: str) -> Conflict:
    return Conflict(
        f"this person was scored by {version}, and that model or what it saw is kept no more; "
        "POST /api/profiles/{profile_id}/score scores anew, then ask again"
    )
