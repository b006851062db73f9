"""How a brand's identity graph is doing, in numbers. Every read is bounded: counting ends at a limit, and `limits` says where."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.domain.profiles import IdentifierState
from app.graph.driver import Graph
from app.graph.rows import CROWDED, DAY_MS, Row, millis, moment, sighted_from

COUNTED = 100_000  # people of one size, merges, undos, shared identifiers: counted up to here
LOOKED_AT = 2_000  # of the largest people, of the most crowded identifiers, of pending reviews
LARGEST = 20
DAYS = 30
CLASSES = 25  # powers of two of events: up to 16 million of one person


class Health(NamedTuple):
    """`sizes` and `largest` are about people by their events; `crowded` are the identifiers seen with the most others."""

    sizes: list[Row]
    largest: list[Row]
    crowded: list[IdentifierState]
    shared: list[Row]
    merges: list[Row]
    undos: list[Row]
    reviews: Row


async def read_health(graph: Graph, brand_id: str, now: datetime) -> Health:
    since = millis(now) // DAY_MS * DAY_MS - (DAYS - 1) * DAY_MS

    async def asked(name: str, **more: Any) -> list[Row]:
        return await graph.read(name, brand_id=brand_id, **more)

    sizes, largest, crowded, shared, merges, undos, reviews = await asyncio.gather(
        asked("health/sizes", classes=list(range(CLASSES)), limit=COUNTED),
        asked("health/largest", limit=LOOKED_AT, most=LARGEST),
        asked("health/crowded", least=CROWDED, limit=LOOKED_AT),
        asked("health/shared", limit=COUNTED),
        asked("health/merges", since=since, limit=COUNTED),
        asked("health/undos", since=since, limit=COUNTED),
        asked("health/reviews", now=millis(now), limit=LOOKED_AT),
    )
    return Health(
        sizes=[_size(row) for row in sizes],
        largest=largest,
        crowded=[sighted_from(row) for row in crowded],
        shared=shared,
        merges=_by_day(merges, now),
        undos=_by_day(undos, now),
        reviews={**reviews[0], "oldest": moment(reviews[0]["oldest"])},
    )


def _size(row: Row) -> Row:
    """From and to are events a person; the class n holds those whose number has n binary digits."""
    size_class, people = row["size_class"], row["people"]
    most = 2**size_class - 1
    return {
        "events_from": most // 2 + 1 if size_class else 0,
        "events_to": most,
        "profiles": people,
        "at_least": people == COUNTED,
    }


def _by_day(found: list[Row], now: datetime) -> list[Row]:
    """Every day of the span, the oldest first, also those without any."""
    counts = {row["day"]: row["count"] for row in found}
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return [{"day": f"{day:%Y-%m-%d}", "count": counts.get(millis(day), 0)} for day in days]
