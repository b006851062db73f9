"""The job `predictions`: features first, then scores, segments and journeys of everybody whose would be other ones."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from neo4j import AsyncManagedTransaction

from app.graph.driver import Graph, Rows, rows
from app.graph.rows import key, millis
from app.learn.feature_job import PAGE, build_features
from app.learn.features import DAY_MS

if TYPE_CHECKING:
    from app.learn.scoring import Champion, Totals

Progress = Callable[[Mapping[str, object]], None]

KEPT = 30  # older predictions and journeys of one person


async def predict(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """Scores everybody in a brand as of a moment: `{seen, built, forgotten, scored, unscored}`, how many people.

    `unscored` lost their score: as of this clock they have not ordered.
    """
    built = await build_features(graph, brand_id, as_of, progress)
    champion = await asyncio.to_thread(_champion)
    totals = await _totals(graph, brand_id)
    began, after, at, scored, unscored = time.monotonic(), "", millis(as_of), 0, 0
    while True:
        page = await graph.read(
            "learn/to_score", brand_id=brand_id, after=after, limit=PAGE, model=champion.version, day=at // DAY_MS
        )
        stale = [row["features"] for row in page if row["stale"]]
        known = [row for row in stale if row["orders"]]
        await _store(graph, brand_id, champion, known, totals, at)
        await _drop(graph, [key(brand_id, row["profile_id"]) for row in stale if not row["orders"]])
        scored, unscored = scored + len(known), unscored + len(stale) - len(known)
        progress({**built, "scored": scored, "unscored": unscored, "seconds": round(time.monotonic() - began, 1)})
        if len(page) < PAGE:
            return {**built, "scored": scored, "unscored": unscored, "model": champion.version}
        after = page[-1]["profile_id"]


def _champion() -> "Champion":
    # xgboost and scipy take two seconds to import, which the service's start need not wait for.
    from app.learn.scoring import Champion
    from app.learn.starter.model import load

    model = load()
    return Champion(model, model.version, "starter")


async def _totals(graph: Graph, brand_id: str) -> "Totals":
    from app.learn.scoring import Totals

    (row,) = await graph.read("learn/brand_totals", brand_id=brand_id)
    return Totals(**row)


async def _store(
    graph: Graph, brand_id: str, champion: "Champion", known: Sequence[Mapping[str, Any]], totals: "Totals", at: int
) -> None:
    from app.learn.scoring import scored_rows

    if not known:
        return
    scored = await asyncio.to_thread(scored_rows, brand_id, champion, known, totals, at)
    plan = {"as_of": at, "scored_at": millis(datetime.now(UTC)), "keep": KEPT, "rows": scored}
    await _write(graph, "learn/predictions_write", plan)


async def _drop(graph: Graph, keys: Sequence[str]) -> None:
    if keys:
        await _write(graph, "learn/predictions_drop", {"keys": list(keys)})


async def _write(graph: Graph, name: str, plan: Mapping[str, Any]) -> Rows:
    async def work(tx: AsyncManagedTransaction) -> Rows:
        return await rows(tx, name, {"plan": dict(plan)})

    return await graph.write(work)
