"""Reads a person's events as a timeline: a page of them, and how many there are by type and month."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.cursors import Place
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.listing import Newest
from app.graph.rows import Row, moment
from app.graph.views import event_view
from app.graph.whole import settled

EVENT_LIST = Newest("timeline", "occurred_at", "event_id")


@dataclass(frozen=True, slots=True)
class Window:
    """Which events: of these types (none: all), from `since` to before `until` (epoch milliseconds), from behind `place`."""

    types: Sequence[str] = ()
    since: int = 0
    until: int = END_OF_TIME
    place: Place = (END_OF_TIME, "")


@settled
async def timeline(graph: Graph, brand_id: str, profile_id: str, window: Window, limit: int) -> list[Row]:
    """The events of who answers for a profile id, the newest first; of one moment by event id."""
    before, after = window.place
    found = await graph.read(
        "read/timeline",
        brand_id=brand_id,
        profile_id=profile_id,
        types=list(window.types),
        since=window.since,
        until=window.until,
        before=before,
        after=after,
        limit=limit,
    )
    return [event_view(row["event"]) for row in found]


async def activity(graph: Graph, brand_id: str, profile_id: str) -> list[Row]:
    """`{type, month, events}`, the oldest month first; a type without an event in a month has no row."""
    found = await graph.read("read/activity", brand_id=brand_id, profile_id=profile_id)
    return [{**row, "month": moment(row["month"])} for row in found]
