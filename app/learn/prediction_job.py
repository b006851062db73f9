"""The job `predictions`: features first, then scores, segments and journeys of everybody whose would be other ones."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.domain.progress import Progress
from app.graph.driver import Graph, Rows
from app.graph.pace import pages
from app.graph.rows import DAY_MS, key, millis
from app.learn.feature_job import AT_ONCE, PAGE, build_features_of, build_in
from app.learn.portions import Portions
from app.learn.registry import champion
from app.learn.together import Around, refresh

if TYPE_CHECKING:
    from app.learn.scoring import Champion, Totals


FIRST_CHARACTER, LAST_CHARACTER = "\0", "\U0010ffff"  # no profile id holds either
KEPT = 30  # older predictions and journeys of one person

Features = Mapping[str, Any]


async def predict(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """Scores everybody in a brand as of a moment: `{seen, built, forgotten, scored, unscored, set_aside}`, how many people.

    `unscored` lost their score: as of this clock they have not ordered. `set_aside` as for features.
    """
    portions = Portions(graph, AT_ONCE)
    built = await build_in(portions, graph, brand_id, as_of, progress)
    await refresh(graph, brand_id, millis(as_of))
    scoring = await _scoring(graph, brand_id, millis(as_of))
    began, scored, unscored = time.monotonic(), 0, 0

    async def next_ones(after: str, limit: int) -> Rows:
        return await scoring.page(after + FIRST_CHARACTER, LAST_CHARACTER, limit)

    async for page in pages(next_ones, PAGE):
        stale = [row["features"] for row in page if row["stale"]]
        scored += await portions.each([one for one in stale if one["orders"]], scoring.store, _whose)
        unscored += await portions.each([one for one in stale if not one["orders"]], scoring.drop, _whose)
        progress({**built, "scored": scored, "unscored": unscored, "seconds": round(time.monotonic() - began, 1)})
    return {**built, "scored": scored, "unscored": unscored, "model": scoring.champion.version, **portions.set_aside}


async def predict_one(graph: Graph, brand_id: str, profile_id: str, as_of: datetime) -> None:
    """The same for one person: features, score and journey as of a moment, beside the brand as it was scored last."""
    await build_features_of(graph, brand_id, profile_id, as_of)
    scoring = await _scoring(graph, brand_id, millis(as_of))
    stale = [row["features"] for row in await scoring.page(profile_id, profile_id, 1, anew=True) if row["stale"]]
    await scoring.store([one for one in stale if one["orders"]])
    await scoring.drop([one for one in stale if not one["orders"]])


def _whose(features: Features) -> str:
    return str(features["profile_id"])


@dataclass(frozen=True, slots=True)
class _Scoring:
    """What scores a brand at a clock (epoch milliseconds), and beside what."""

    graph: Graph
    brand_id: str
    champion: "Champion"
    totals: "Totals"
    around: Around
    at: int

    async def page(self, first: str, last: str, limit: int, *, anew: bool = False) -> Rows:
        """The next people from and to these profile ids, and of each whether the score would be another one; `anew`: whether
        there is one, as what it is compared with moves with every order of others."""
        asked = {"first": first, "last": last, "limit": limit, "anew": anew}
        clock = {"model": self.champion.version, "day": self.at // DAY_MS}
        return await self.graph.read("learn/to_score", brand_id=self.brand_id, **asked, **clock)

    async def store(self, known: Sequence[Features]) -> int:
        """Scores people who have ordered; how many."""
        from app.learn.scoring import bought_by, scored_rows

        if not known:
            return 0
        near = await self.around.of(await asyncio.to_thread(bought_by, known))
        scored = await asyncio.to_thread(scored_rows, self.brand_id, self.champion, known, self.totals, near, self.at)
        plan = {"as_of": self.at, "scored_at": millis(datetime.now(UTC)), "keep": KEPT, "rows": scored}
        await self.graph.change("learn/predictions_write", plan=plan)
        return len(known)

    async def drop(self, others: Sequence[Features]) -> int:
        """Takes the scores of people back who have not ordered; how many."""
        if others:
            keys = [key(self.brand_id, _whose(one)) for one in others]
            await self.graph.change("learn/predictions_drop", plan={"keys": keys})
        return len(others)


async def _scoring(graph: Graph, brand_id: str, at: int) -> _Scoring:
    from app.learn.gamma_gamma import DEAREST
    from app.learn.scoring import Totals

    scorer = await champion(graph, brand_id)
    (row,) = await graph.read("learn/brand_totals", brand_id=brand_id, most=DEAREST)
    return _Scoring(graph, brand_id, scorer, Totals(**row), Around(graph, brand_id), at)
