"""Reads identifiers as admins look at them: which link nobody, and what they were seen with."""

from collections.abc import Iterable

from app.domain.identifiers import Identifier
from app.domain.profiles import Standing
from app.graph.driver import Graph
from app.graph.rows import Row, key, moment, sighted_from


async def list_identifiers(graph: Graph, brand_id: str, standing: Standing, after: str, limit: int) -> list[Row]:
    """Identifiers of one standing from behind the key `after` ('' for the first page), by key."""
    found = await graph.read("read/identifiers", brand_id=brand_id, standing=standing.value, after=after, limit=limit)
    return [_view(row["identifier"]) for row in found]


async def find_identifier(graph: Graph, brand_id: str, identifier: Identifier) -> Row | None:
    found = await graph.read("read/identifier", key=key(brand_id, *identifier))
    return _view(found[0]["identifier"]) if found else None


async def stored(graph: Graph, brand_id: str, identifiers: Iterable[Identifier]) -> frozenset[Identifier]:
    """Those of some identifiers that the brand knows."""
    keys = sorted({key(brand_id, *one) for one in identifiers})
    found = await graph.read("read/identifiers_stored", keys=keys) if keys else []
    return frozenset(Identifier(row["type"], row["value"]) for row in found)


def _view(row: Row) -> Row:
    return {
        "key": row["key"],
        "type": row["type"],
        "value": row["value"],
        "status": row["standing"],
        "declared": SAID.get(row["declared"]),
        "declared_by": row["declared_by"],
        "declared_at": moment(row["declared_at"]),
        "note": row["note"],
        "seen_with": dict(sorted(sighted_from(row).strong_beside.items())),
        "first_seen": moment(row["first_seen"]),
        "last_seen": moment(row["last_seen"]),
    }


SAID = {Standing.LINKABLE.value: "personal", Standing.SHARED.value: "shared", Standing.BLOCKED.value: "blocked"}
"""What an admin calls what they declared."""
