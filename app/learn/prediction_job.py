"""The job `predictions`: features first, then scores, segments and journeys of everybody whose would be other ones."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.domain.progress import Progress
from app.graph.driver import Graph, Rows
from app.graph.rows import DAY_MS, key, millis
from app.learn.feature_job import PAGE, build_features, build_features_of
from app.learn.registry import champion
from app.learn.together import around, refresh

if TYPE_CHECKING:
    from app.learn.scoring import Champion, Totals


FIRST_CHARACTER, LAST_CHARACTER = "\0", "\U0010ffff"  # no profile id holds either
KEPT = 30  # older predictions and journeys of one person


async def predict(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """Scores everybody in a brand as of a moment: `{seen, built, forgotten, scored, unscored}`, how many people.

    `unscored` lost their score: as of this clock they have not ordered.
    """
    built = await build_features(graph, brand_id, as_of, progress)
    scorer = await champion(graph, brand_id)
    totals = await _totals(graph, brand_id)
    await refresh(graph, brand_id, millis(as_of))
    began, first, at, scored, unscored = time.monotonic(), "", millis(as_of), 0, 0
    while True:
        page = await _page(graph, brand_id, scorer, (first, LAST_CHARACTER), at)
        known, others = await _score(graph, brand_id, page, scorer, totals, at)
        scored, unscored = scored + known, unscored + others
        progress({**built, "scored": scored, "unscored": unscored, "seconds": round(time.monotonic() - began, 1)})
        if len(page) < PAGE:
            return {**built, "scored": scored, "unscored": unscored, "model": scorer.version}
        first = page[-1]["profile_id"] + FIRST_CHARACTER


async def predict_one(graph: Graph, brand_id: str, profile_id: str, as_of: datetime) -> None:
    """The same for one person: features, score and journey as of a moment, beside the brand as it was scored last."""
    await build_features_of(graph, brand_id, profile_id, as_of)
    scorer = await champion(graph, brand_id)
    page = await _page(graph, brand_id, scorer, (profile_id, profile_id), millis(as_of))
    await _score(graph, brand_id, page, scorer, await _totals(graph, brand_id), millis(as_of))


async def _page(graph: Graph, brand_id: str, scorer: "Champion", span: tuple[str, str], at: int) -> Rows:
    """The next people from and to these profile ids."""
    first, last = span
    asked = {"first": first, "last": last, "limit": PAGE, "model": scorer.version, "day": at // DAY_MS}
    return await graph.read("learn/to_score", brand_id=brand_id, **asked)


async def _score(graph: Graph, brand_id: str, page: Rows, scorer: "Champion", totals: "Totals", at: int) -> tuple[int, int]:
    """Scores those of a page whose score would be another one; how many, and how many lost theirs."""
    stale = [row["features"] for row in page if row["stale"]]
    known = [row for row in stale if row["orders"]]
    await _store(graph, brand_id, scorer, known, totals, at)
    await _drop(graph, [key(brand_id, row["profile_id"]) for row in stale if not row["orders"]])
    return len(known), len(stale) - len(known)


async def _totals(graph: Graph, brand_id: str) -> "Totals":
    from app.learn.scoring import Totals

    (row,) = await graph.read("learn/brand_totals", brand_id=brand_id)
    return Totals(**row)


async def _store(
    graph: Graph, brand_id: str, scorer: "Champion", known: Sequence[Mapping[str, Any]], totals: "Totals", at: int
) -> None:
    from app.learn.scoring import bought_by, scored_rows

    if not known:
        return
    near = await around(graph, brand_id, await asyncio.to_thread(bought_by, known))
    scored = await asyncio.to_thread(scored_rows, brand_id, scorer, known, totals, near, at)
    plan = {"as_of": at, "scored_at": millis(datetime.now(UTC)), "keep": KEPT, "rows": scored}
    await graph.change("learn/predictions_write", plan=plan)


async def _drop(graph: Graph, keys: Sequence[str]) -> None:
    if keys:
        await graph.change("learn/predictions_drop", plan={"keys": list(keys)})
