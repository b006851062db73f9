"""Batches that reach many people wait until a person has looked."""

from datetime import UTC, datetime
from typing import Literal

from app.domain.cursors import Place
from app.domain.errors import Conflict, NotFound
from app.graph.driver import Graph
from app.graph.listing import Newest
from app.graph.rows import Row, key, millis, moment

STATUSES = ("open", "waiting", "approved", "rejected", "released")
BATCH_LIST = Newest("batches", "created_at", "batch_id")
Decision = Literal["approved", "rejected"]


async def list_batches(graph: Graph, brand_id: str, status: str, place: Place, limit: int) -> list[Row]:
    """Batches of a status from behind `place` (epoch milliseconds and id), the newest first."""
    before, after = place
    found = await graph.read("act/batches", brand_id=brand_id, status=status, before=before, after=after, limit=limit)
    return [
        {**row["batch"], **{name: moment(row["batch"][name]) for name in ("as_of", "created_at", "decided_at")}} for row in found
    ]


async def decide(graph: Graph, brand_id: str, batch_id: str, decision: Decision, note: str | None) -> Row:
    """Approves or rejects a batch that waits. Raises NotFound, and Conflict when it does not wait (any more)."""
    asked = {
        "brand_id": brand_id,
        "batch": key(brand_id, batch_id),
        "status": decision,
        "note": note,
        "now": millis(datetime.now(UTC)),
    }

    found = await graph.change("act/batch_decide", asked=asked)
    if not found:
        raise NotFound(f"no batch {batch_id[:128]!r} in this brand; GET /api/automation-batches lists those that wait")
    if not found[0]["decided"]:
        raise Conflict(
            f"this batch is {found[0]['status']} and waits for nobody, so nothing was changed; GET /api/automation-batches lists "
            "those that wait"
        )
    return {"batch_id": batch_id, "status": decision, "people": found[0]["people"]}
