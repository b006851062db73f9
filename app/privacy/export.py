"""All that is known of one person, for whoever asks for it by right (GDPR, articles 15 and 20)."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from app.domain.errors import Unavailable
from app.domain.money import major
from app.graph.driver import Graph
from app.graph.people import three_sixty
from app.graph.rows import Row, moment
from app.graph.views import carried_view
from app.graph.whole import READS

MOST = 100_000  # entries of each list, more than anybody has


async def export(graph: Graph, brand_id: str, profile_id: str) -> Row | None:
    """The 360 view with nothing left out, and beside it what no view shows. None for nobody. Raises Unavailable (also for
    somebody who changes at that very moment), QueryTooExpensive for more than one transaction may read."""
    for _ in range(READS):
        whole, beside = await asyncio.gather(
            three_sixty(graph, brand_id, profile_id, MOST),
            graph.read("privacy/export", brand_id=brand_id, profile_id=profile_id),
        )
        if whole is None or not beside:
            return None
        if {event["event_id"] for event in whole["events"]} == {one["event_id"] for one in beside[0]["raw"]}:
            return _written(brand_id, whole, beside[0])
    raise Unavailable("more is being stored of this person at this very moment; try again")


def _written(brand_id: str, whole: Row, beside: Mapping[str, Any]) -> Row:
    raw = {one["event_id"]: one["raw"] for one in beside["raw"]}
    return {
        "brand_id": brand_id,
        "exported_at": datetime.now(UTC),
        **whole,
        "events": [{**event, "raw": raw[event["event_id"]]} for event in whole["events"]],
        "imports": [_import_view(one) for one in beside["imports"]],
        "earlier_predictions": _timed(beside["predictions"], "as_of"),
        "earlier_journeys": _timed(beside["journeys"], "as_of"),
        "judgements": _timed(beside["judgements"], "decided_at", "retracted_at"),
        "reviews": _timed(beside["reviews"], "created_at"),
    }


def _import_view(row: Mapping[str, Any]) -> Row:
    return {
        "profile_id": row["profile_id"],
        "source": row["source"],
        "created_at": moment(row["created_at"]),
        "received_at": moment(row["received_at"]),
        "lifetime_value": major(row["lifetime_value_minor"], row["currency"]),
        "currency": row["currency"],
        "total_orders": row["total_orders"],
        "attributes": dict(orjson.loads(row["attributes"])),
        "identifiers": carried_view(row["identifiers"]),
    }


def _timed(found: Iterable[Mapping[str, Any]], *times: str) -> list[Row]:
    return [{**row, **{name: moment(row[name]) for name in times}} for row in found]
