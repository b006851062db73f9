"""The built-in streams: every stored event of a brand, at a position that never moves.

The write path leaves outbox rows without a position, so that no writer waits for a counter. Reading places them first,
under the lock of the brand's stream: positions have no gaps, and nothing that commits later hides behind a cursor.
The order is the one per profile: an event is never before one of the same profile that it followed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import orjson
from neo4j import AsyncManagedTransaction

from app.domain.errors import NotFound
from app.graph.driver import Graph, Rows, rows
from app.graph.rows import Row, moment
from app.graph.views import amount, carried_view

PLACED_AT_ONCE = 1_000  # rows one transaction places
SWEEPS = 10  # transactions one read makes at the most; the next read goes on
MOST_LAG = 10_000  # rows counted; more than that is "very far behind" all the same
PAGE_CHARACTERS = 8_000_000  # of what senders wrote: a page ends with the entry that reaches it


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, and the position after which the next page begins; None when there is nothing more now."""

    entries: list[Row]
    next: int | None


async def read_stream(graph: Graph, brand_id: str, topic: str, after: int, limit: int) -> Page:
    """Entries of a topic at the positions behind `after`: `limit`, or fewer large ones.

    Raises NotFound for a topic that there is none of.
    """
    if topic not in TOPICS:
        raise NotFound(f"no stream {topic[:60]!r}; the streams are {', '.join(TOPICS)}")
    field, show = TOPICS[topic]
    # One more than asked for tells whether there is more.
    asked = {"brand_id": brand_id, "after": after, "limit": limit + 1, "field": field, "characters": PAGE_CHARACTERS}
    found, is_cut = await _placed(graph, brand_id, asked)
    shown = found[:limit]
    entries = [show(row) for row in shown if row["event"] is not None]  # an erased event leaves its position behind
    return Page(entries, shown[-1]["position"] if is_cut or len(found) > limit else None)


async def _placed(graph: Graph, brand_id: str, asked: dict[str, Any]) -> tuple[Rows, bool]:
    """The rows of a page, placing what waits when the page is not full without it; and whether its size cut it short."""
    for sweeps in count():
        (page,) = await graph.read("publish/page", **asked)
        found: Rows = page["rows"]
        full = page["cut"] or len(found) == asked["limit"]
        if full or not page["waiting"] or sweeps == SWEEPS or not await place(graph, brand_id):
            break
    if _without_gaps(found, asked["after"]):
        return found, page["cut"]

    async def under_lock(tx: AsyncManagedTransaction) -> tuple[Rows, bool]:
        await rows(tx, "publish/hold", {"brand_id": brand_id})
        (page,) = await rows(tx, "publish/page", asked)
        return page["rows"], page["cut"]

    return await graph.write(under_lock)


def _without_gaps(found: Rows, after: int) -> bool:
    """A commit becomes visible row by row: while another reader's is, some of its positions may be missing."""
    return all(row["position"] == expected for row, expected in zip(found, count(after + 1), strict=False))


async def lag(graph: Graph) -> int:
    """Rows that wait to be placed in streams that somebody reads, of all brands, at most `MOST_LAG`."""
    (row,) = await graph.read("publish/lag", limit=MOST_LAG)
    return int(row["waiting"])


async def place(graph: Graph, brand_id: str) -> int:
    """Places waiting rows, at most `PLACED_AT_ONCE`, and returns how many."""
    asked = {"brand_id": brand_id, "limit": PLACED_AT_ONCE}

    async def work(tx: AsyncManagedTransaction) -> int:
        ended = {row["id"] for row in await rows(tx, "publish/settle", asked)}
        if not ended:
            return 0
        chosen = in_order(ended, await rows(tx, "publish/waiting", asked))
        (made,) = await rows(tx, "publish/place", {"brand_id": brand_id, "ids": chosen})
        placed: int = made["placed"]
        return placed

    return await graph.write(work)


def in_order(ended: set[str], waiting: Iterable[Mapping[str, Any]]) -> list[str]:
    """Which of the rows that wait may be placed now: those whose transaction has ended, and what they followed.

    `waiting` was read after `ended` and in order, so it holds whatever an ended row's profile did before.
    """
    waiting = list(waiting)
    latest = {row["profile_id"]: row["clock"] for row in waiting if row["id"] in ended}
    return [row["id"] for row in waiting if row["id"] in ended or row["clock"] < latest.get(row["profile_id"], 0)]


def _raw(row: Mapping[str, Any]) -> Row:
    """What the sender sent, as text."""
    event = row["event"]
    return {
        "position": row["position"],
        "event_id": event["event_id"],
        "source": event["source"],
        "type": event["type"],
        "received_at": moment(event["received_at"]),
        "raw": event["text"],
    }


def _normalized(row: Mapping[str, Any]) -> Row:
    """What we understood, and who it was attached to at that time."""
    event = row["event"]
    value = amount(event)
    return {
        "position": row["position"],
        "event_id": event["event_id"],
        "type": event["type"],
        "source": event["source"],
        "occurred_at": moment(event["occurred_at"]),
        "received_at": moment(event["received_at"]),
        "profile_id": row["profile_id"],
        "outcome": event["outcome"],
        "merge_id": event["merge_id"],
        "review_id": event["review_id"],
        "identifiers": carried_view(event["identifiers"]),
        "properties": orjson.loads(event["text"]),
        **({} if value is None else {"value": value, "currency": event["currency"]}),
    }


class Topic(NamedTuple):
    """A stream: the property of the event that it shows, and how."""

    field: str
    show: Callable[[Mapping[str, Any]], Row]


TOPICS = {"events.raw": Topic("raw", _raw), "events.normalized": Topic("properties", _normalized)}
