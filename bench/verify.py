"""After the load: is everything that was acknowledged stored, once, and on one profile? Read past the service's own code."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import asyncpg  # type: ignore[import-untyped]
from neo4j import AsyncDriver

EVENTS: LiteralString = """
MATCH (e:Event {brand_id: $brand})
RETURN e.event_id AS id, e.value_minor AS minor, COUNT { (e)-[:ATTACHED_TO]->(:Profile) } AS homes
"""
PROFILES: LiteralString = """
MATCH (p:Profile {brand_id: $brand})
RETURN count(p) AS profiles, sum(p.lifetime_value_minor) AS minor, sum(p.total_orders) AS orders
"""
PEER_EVENTS = """
select e.id::text as id, (e.amount * 100)::bigint as minor, (p.id is not null)::int as homes
from events e left join profiles p on p.id = e.profile_id and p.brand = e.brand where e.brand = $1
"""
PEER_PROFILES = """
select count(*) as profiles, (sum(ltv) * 100)::bigint as minor, sum(orders)::bigint as orders
from profiles where brand = $1
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored event: its id, its amount in minor units, and how many profiles it is attached to."""

    event_id: str
    minor: int
    homes: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the profiles add up to."""

    profiles: int
    minor: int
    orders: int


@dataclass(frozen=True, slots=True)
class Acked:
    """What the clients were told is stored: (event id, minor units), one for each answer."""

    entries: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, path: Path) -> "Acked":
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        return cls(tuple((event_id, int(minor)) for event_id, minor in (line.split() for line in lines)))


async def stored_in_graph(driver: AsyncDriver, brand: str) -> tuple[list[Entry], Totals]:
    async with driver.session() as session:
        result = await session.run(EVENTS, brand=brand)
        entries = [Entry(row["id"], row["minor"] or 0, row["homes"]) async for row in result]
        (row,) = [row async for row in await session.run(PROFILES, brand=brand)]
    return entries, Totals(row["profiles"], row["minor"], row["orders"])


async def stored_in_postgres(dsn: str, brand: str) -> tuple[list[Entry], Totals]:
    connection = await asyncpg.connect(dsn)
    try:
        entries = [Entry(row["id"], row["minor"], row["homes"]) for row in await connection.fetch(PEER_EVENTS, brand)]
        row = await connection.fetchrow(PEER_PROFILES, brand)
    finally:
        await connection.close()
    return entries, Totals(row["profiles"], row["minor"] or 0, row["orders"] or 0)


def complaints(acked: Acked, entries: list[Entry], totals: Totals) -> list[str]:
    """What is wrong, in words; nothing when every acknowledged event is there exactly once."""
    told, stored = Counter(event_id for event_id, _ in acked.entries), Counter(entry.event_id for entry in entries)
    acked_minor, stored_minor = sum(minor for _, minor in acked.entries), sum(entry.minor for entry in entries)
    found = [
        _listed("acknowledged but not stored", told.keys() - stored.keys()),
        _listed("stored but never acknowledged", stored.keys() - told.keys()),
        _listed("acknowledged for two orders", (event_id for event_id, count in told.items() if count > 1)),
        _listed("stored more than once", (event_id for event_id, count in stored.items() if count > 1)),
        _listed("not attached to exactly one profile", (entry.event_id for entry in entries if entry.homes != 1)),
        _equal("events", len(acked.entries), len(entries)),
        _equal("minor units on the events", acked_minor, stored_minor),
        _equal("minor units on the profiles", acked_minor, totals.minor),
        _equal("orders on the profiles", len(acked.entries), totals.orders),
    ]
    return [complaint for complaint in found if complaint]


def _listed(what: str, event_ids: Iterable[str]) -> str:
    ids = sorted(event_ids)
    return f"{len(ids):,} events {what}, such as {', '.join(ids[:3])}" if ids else ""


def _equal(what: str, acked: int, stored: int) -> str:
    return "" if acked == stored else f"{acked:,} {what} were acknowledged, {stored:,} are there"
