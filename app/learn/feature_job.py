"""The job `features`: one pass over a brand that builds anew only what changed. Can be stopped and run again at any time."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.progress import Progress
from app.graph.driver import Graph
from app.graph.rows import Row, millis
from app.learn.features import MOST_ORDERS, SCHEMA_VERSION, feature_row, neighbourhood

PAGE = 1_000  # people looked at in one read
AT_ONCE = 250  # neighbourhoods read and stored in one go


async def build_features(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """Builds the features of everybody in a brand as of a moment: `{seen, built, forgotten}`, how many people."""
    began, after, seen, built = time.monotonic(), "", 0, 0
    at = millis(as_of)
    while True:
        page = await graph.read("learn/stale", brand_id=brand_id, after=after, limit=PAGE, schema=SCHEMA_VERSION, as_of=at)
        stale = [row["profile_id"] for row in page if row["stale"]]
        for start in range(0, len(stale), AT_ONCE):
            built += await _build(graph, brand_id, stale[start : start + AT_ONCE], at)
        seen += len(page)
        progress({"seen": seen, "built": built, "seconds": round(time.monotonic() - began, 1)})
        if len(page) < PAGE:
            break
        after = page[-1]["profile_id"]
    return {"seen": seen, "built": built, "forgotten": await _forget(graph, brand_id)}


async def build_features_of(graph: Graph, brand_id: str, profile_id: str, as_of: datetime) -> None:
    """The same for a single person."""
    await _build(graph, brand_id, [profile_id], millis(as_of))


async def _build(graph: Graph, brand_id: str, profile_ids: Sequence[str], as_of: int) -> int:
    asked = {"brand_id": brand_id, "profiles": list(profile_ids), "as_of": as_of, "orders": MOST_ORDERS}
    found = await graph.read("learn/neighbourhoods", asked=asked)
    built_at = millis(datetime.now(UTC))

    def made() -> list[Row]:
        return [feature_row(brand_id, neighbourhood(row), as_of, built_at) for row in found]

    plan = {"rows": await asyncio.to_thread(made)}  # the service answers meanwhile
    await graph.change("learn/features_write", plan=plan)
    return len(found)


async def _forget(graph: Graph, brand_id: str) -> int:
    """Lets go of what was learnt of those who are no person any more."""
    after, forgotten = "", 0
    while True:
        (row,) = await graph.change("learn/leftovers", plan={"brand_id": brand_id, "after": after, "limit": PAGE})
        forgotten += int(row["forgotten"])
        if row["last"] is None:
            return forgotten
        after = row["last"]
