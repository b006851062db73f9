"""The job `predictions`: features first, then scores, segments and journeys of everybody whose would be other ones."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from app.graph.driver import Graph
from app.graph.rows import key, millis
from app.learn.feature_job import PAGE, build_features
from app.learn.features import DAY_MS
from app.learn.registry import champion
from app.learn.together import around, refresh
from app.learn.writing import write

if TYPE_CHECKING:
    from app.learn.scoring import Champion, Totals

Progress = Callable[[Mapping[str, object]], None]

KEPT = 30  # older predictions and journeys of one person


async def predict(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """Scores everybody in a brand as of a moment: `{seen, built, forgotten, scored, unscored}`, how many people.

    `unscored` lost their score: as of this clock they have not ordered.
    """
    built = await build_features(graph, brand_id, as_of, progress)
    scorer = await champion(graph, brand_id)
    totals = await _totals(graph, brand_id)
    await refresh(graph, brand_id, millis(as_of))
    began, after, at, scored, unscored = time.monotonic(), "", millis(as_of), 0, 0
    while True:
        page = await graph.read(
            "learn/to_score", brand_id=brand_id, after=after, limit=PAGE, model=scorer.version, day=at // DAY_MS
        )
        stale = [row["features"] for row in page if row["stale"]]
        known = [row for row in stale if row["orders"]]
        await _store(graph, brand_id, scorer, known, totals, at)
        await _drop(graph, [key(brand_id, row["profile_id"]) for row in stale if not row["orders"]])
        scored, unscored = scored + len(known), unscored + len(stale) - len(known)
        progress({**built, "scored": scored, "unscored": unscored, "seconds": round(time.monotonic() - began, 1)})
        if len(page) < PAGE:
            return {**built, "scored": scored, "unscored": unscored, "model": scorer.version}
        after = page[-1]["profile_id"]


async def _totals(graph: Graph, brand_id: str) -> "Totals":
    from app.learn.scoring import Totals

    (row,) = await graph.read("learn/brand_totals", brand_id=brand_id)
    return Totals(**row)


async def _store(
    graph: Graph, brand_id: str, scorer: "Champion", known: Sequence[Mapping[str, Any]], totals: "Totals", at: int
) -> None:
    from app.learn.scoring import recommended, scored_rows

    if not known:
        return
    bought = [orjson.loads(row["products"]) for row in known]
    near, names = await around(graph, brand_id, (product for listed in bought for product, *_ in listed))
    scored = await asyncio.to_thread(scored_rows, brand_id, scorer, known, totals, at)
    for row, listed in zip(scored, bought, strict=True):
        row["prediction"]["recommended"] = orjson.dumps(recommended(listed, near, names, at)).decode()
    plan = {"as_of": at, "scored_at": millis(datetime.now(UTC)), "keep": KEPT, "rows": scored}
    await write(graph, "learn/predictions_write", plan)


async def _drop(graph: Graph, keys: Sequence[str]) -> None:
    if keys:
        await write(graph, "learn/predictions_drop", {"keys": list(keys)})
