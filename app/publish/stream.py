"""The built-in streams, page by page: every entry of a brand, at a position that never moves.

The write path leaves outbox rows of events without a position, so that no writer waits for a counter. Reading places them
first, under the lock of the brand's stream: positions have no gaps, and nothing that commits later hides behind a cursor.
The order is the one per profile: an event is never before one of the same profile that it followed.
(What happens to identities later is rare; its rows get their positions where they are written, see `publish/changes`. That an
id was created is told when somebody reads, or before anything else is told of it: no writer waits for that either.)
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.errors import Gone
from app.graph.changes import tell_created
from app.graph.driver import Graph, rows
from app.graph.rows import Row
from app.publish.topics import topic_of

PLACED_AT_ONCE = 1_000  # rows one transaction places
SWEEPS = 10  # transactions one read makes at the most; the next read goes on
MOST_LAG = 10_000  # rows counted; more than that is "very far behind" all the same
PAGE_CHARACTERS = 8_000_000  # of what senders wrote: a page ends with the entry that reaches it


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, and how far in the stream they reach; `more` says that there are others behind them now.

    `placed` is how many rows got their position for it.
    """

    entries: list[Row]
    last: int
    more: bool
    placed: int = 0

    @property
    def next(self) -> int | None:
        """The position after which the next page begins; None when there is nothing more now."""
        return self.last if self.more else None


async def read_stream(
    graph: Graph, brand_id: str, topic: str, after: int | None, limit: int, characters: int | None = None
) -> Page:
    """Entries of a topic at the positions behind `after`: `limit`, or fewer large ones. None: from the oldest that is kept.

    Raises NotFound for a topic that there is none of, Gone for a position whose followers are kept no longer or that was not
    given yet.
    """
    kind = topic_of(topic)
    asked = {
        "brand_id": brand_id,
        "stream": kind.key(brand_id),
        "after": after,
        "limit": limit + 1,  # one more than asked for tells whether there is more
        "field": kind.field,
        "characters": characters or PAGE_CHARACTERS,
    }
    page, placed = await _placed(graph, kind.read, asked)
    found, trimmed = page["rows"], page["trimmed"]
    if after is not None and after < trimmed:
        raise Gone(
            f"entries up to position {trimmed} are kept no longer, so some behind {after} would be missed; "
            f"go on with after={trimmed}, or leave after out, and take what you missed from the graph",
            after=after,
            oldest_position=trimmed + 1,
        )
    if after is not None and after > page["last"]:
        raise Gone(
            f"position {after} was not given yet, the last is {page['last']}: it is of another stream, or a backup was "
            f"put back since, and what comes up to it would be missed; begin anew with after={trimmed}, or leave after out",
            after=after,
            oldest_position=trimmed + 1,
        )
    shown = found[:limit]
    entries = [entry for entry in map(kind.show, shown) if entry is not None]
    begin = trimmed if after is None else after
    return Page(entries, shown[-1]["position"] if shown else begin, bool(page["cut"]) or len(found) > limit, placed)


async def _placed(graph: Graph, read: str, asked: dict[str, Any]) -> tuple[Row, int]:
    """A page, placing what waits when it is not full without it; and how many rows were placed for it."""
    placed, more = 0, 1
    for sweeps in count():
        (page,) = await graph.read(read, **asked)
        full = page["cut"] or len(page["rows"]) == asked["limit"]
        if full or not page["waiting"] or not more or sweeps == SWEEPS:
            break
        more = await PLACERS[read](graph, asked["brand_id"])  # none where another reader came first: then one more look
        placed += more
    if _certain(page, asked["after"]):
        return page, placed

    async def under_lock(tx: AsyncManagedTransaction) -> Row:
        await rows(tx, "publish/hold", {"stream": asked["stream"], "brand_id": asked["brand_id"]})
        (page,) = await rows(tx, read, asked)
        return page

    return await graph.write(under_lock), placed


def _certain(page: Row, after: int | None) -> bool:
    """A commit becomes visible row by row: while another reader's is, some of its positions may be missing, also the last."""
    begin = page["trimmed"] if after is None else after
    without_gaps = all(row["position"] == expected for row, expected in zip(page["rows"], count(begin + 1), strict=False))
    return without_gaps and begin <= page["last"]


async def lag(graph: Graph) -> int:
    """Rows that wait to be placed in streams that somebody reads, of all brands, at most `MOST_LAG`."""
    (row,) = await graph.read("publish/lag", limit=MOST_LAG)
    return int(row["waiting"])


async def place(graph: Graph, brand_id: str) -> int:
    """Places waiting rows, at most `PLACED_AT_ONCE`, and returns how many."""
    asked = {"brand_id": brand_id, "limit": PLACED_AT_ONCE}

    async def work(tx: AsyncManagedTransaction) -> int:
        received = {row["id"]: row["received"] for row in await rows(tx, "publish/settle", asked)}
        if not received:
            return 0
        chosen = in_order(received, await rows(tx, "publish/waiting", asked))
        (made,) = await rows(tx, "publish/place", {"brand_id": brand_id, "ids": chosen})
        placed: int = made["placed"]
        return placed

    return await graph.write(work)


def in_order(received: Mapping[str, int | None], waiting: Iterable[Mapping[str, Any]]) -> list[str]:
    """Which of the rows that wait may be placed now: those whose transaction has ended, and what they followed.

    `received` has the rows that have ended, with when their events came in (none where one was erased): among equal clocks,
    which are strangers' to one another, that tells. `waiting` was read after it and in order, so it holds whatever an ended
    row's profile did before.
    """
    waiting = list(waiting)
    latest = {row["profile_id"]: row["clock"] for row in waiting if row["id"] in received}
    chosen = [row for row in waiting if row["id"] in received or row["clock"] < latest.get(row["profile_id"], 0)]
    chosen.sort(key=lambda row: (row["clock"], received.get(row["id"]) or math.inf))
    return [row["id"] for row in chosen]


async def place_created(graph: Graph, brand_id: str) -> int:
    """Tells of ids that were not told of yet, at most `PLACED_AT_ONCE`, and returns of how many."""

    async def work(tx: AsyncManagedTransaction) -> int:
        return await tell_created(tx, brand_id, PLACED_AT_ONCE)

    return await graph.write(work)


# By the statement that reads a page: what gives rows that wait their place.
PLACERS: Mapping[str, Callable[[Graph, str], Awaitable[int]]] = {"publish/page": place, "publish/changes_page": place_created}
