"""The job `features`: one pass over a brand that builds anew only what changed. Can be stopped and run again at any time."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.progress import Progress
from app.graph.driver import Graph, Rows
from app.graph.pace import pages
from app.graph.rows import Row, millis
from app.learn.features import FADES, MOST_ORDERS, SCHEMA_VERSION, feature_row, neighbourhood
from app.learn.portions import Portions

PAGE = 1_000  # people looked at in one read
AT_ONCE = 250  # people built, or scored, and stored in one go


async def build_features(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """Builds the features of everybody in a brand as of a moment: `{seen, built, forgotten, set_aside}`, how many people.

    `set_aside` keep the features they had: each alone is more than one transaction bears; `set_aside_first` says who and why.
    """
    portions = Portions(graph, AT_ONCE)
    return {**await build_in(portions, graph, brand_id, as_of, progress), **portions.set_aside}


async def build_in(portions: Portions, graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """The same; `portions` hear who was too much."""
    began, at, seen, built = time.monotonic(), millis(as_of), 0, 0

    async def stale_or_not(after: str, limit: int) -> Rows:
        return await graph.read("learn/stale", brand_id=brand_id, after=after, limit=limit, schema=SCHEMA_VERSION, as_of=at)

    async def build(profile_ids: Sequence[str]) -> int:
        return await _build(graph, brand_id, profile_ids, at)

    async for page in pages(stale_or_not, PAGE):
        built += await portions.each([row["profile_id"] for row in page if row["stale"]], build, str)
        seen += len(page)
        progress({"seen": seen, "built": built, "seconds": round(time.monotonic() - began, 1)})
    return {"seen": seen, "built": built, "forgotten": await _forget(graph, brand_id)}


async def build_features_of(graph: Graph, brand_id: str, profile_id: str, as_of: datetime) -> None:
    """The same for a single person."""
    await _build(graph, brand_id, [profile_id], millis(as_of))


async def _build(graph: Graph, brand_id: str, profile_ids: Sequence[str], as_of: int) -> int:
    asked = {"brand_id": brand_id, "profiles": list(profile_ids), "as_of": as_of, "orders": MOST_ORDERS, "fades": FADES}
    found = await graph.read("learn/neighbourhoods", asked=asked)
    built_at = millis(datetime.now(UTC))

    def made() -> list[Row]:
        return [feature_row(brand_id, neighbourhood(row), as_of, built_at) for row in found]

    plan = {"rows": await asyncio.to_thread(made)}  # the service answers meanwhile
    await graph.change("learn/features_write", plan=plan)
    return len(found)


async def _forget(graph: Graph, brand_id: str) -> int:
    """Lets go of what was learnt of those who are no person any more."""

    async def leftovers(after: str, limit: int) -> Rows:
        return await graph.change("learn/leftovers", plan={"brand_id": brand_id, "after": after, "limit": limit})

    return sum([row["gone"] async for page in pages(leftovers, PAGE) for row in page])
