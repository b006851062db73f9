"""What people ask their shop for, and a shop for itself, as platforms pass it on: who they are here, and what is done."""

from collections.abc import Sequence
from typing import NamedTuple

from app.domain.cursors import Place
from app.domain.identifiers import Identifier
from app.domain.profiles import Standing
from app.graph.deciding import Decision
from app.graph.driver import Graph, Rows
from app.graph.listing import Newest
from app.graph.rows import Row, key, millis, moment
from app.privacy.erasure import NOBODY, Erasure, erase

REQUEST_LIST = Newest("data-requests", "asked_at", "request_id")

Groups = Sequence[Sequence[Identifier]]
"""Identifiers of somebody, the surest first: who holds one of the first group that anybody holds may be meant."""


async def erase_whoever(graph: Graph, decision: Decision, named: Groups) -> Erasure:
    """Erases whom a platform means; nobody when nothing of them is known. Raises as `erase`."""
    held = await _meant(graph, decision.brand_id, named)
    if not held:
        return NOBODY
    return await erase(graph, decision, [Identifier(row["type"], row["value"]) for row in held])


class Asked(NamedTuple):
    """What an admin is asked for: `wanted` (export, shop_erasure), of whom, and of which shop."""

    request_id: str
    wanted: str
    named: Groups
    shop_domain: str | None


async def note_request(graph: Graph, decision: Decision, asked: Asked) -> None:
    """Notes what waits for an admin, and whom it is about here."""
    held = await _meant(graph, decision.brand_id, asked.named)
    said = {
        "key": key(decision.brand_id, decision.by, asked.request_id),
        "brand_id": decision.brand_id,
        "request_id": asked.request_id,
        "source": decision.by,
        "wanted": asked.wanted,
        "shop_domain": asked.shop_domain,
        "profile_ids": sorted({profile_id for row in held for profile_id in row["profile_ids"]}),
    }
    await graph.change("privacy/request", plan={"set": said, "at": millis(decision.at)})


async def list_requests(graph: Graph, brand_id: str, place: Place, limit: int) -> list[Row]:
    before, after = place
    found = await graph.read("privacy/requests", brand_id=brand_id, before=before, after=after, limit=limit)
    return [{**row["request"], "asked_at": moment(row["request"]["asked_at"])} for row in found]


async def _meant(graph: Graph, brand_id: str, named: Groups) -> Rows:
    """What the people who are meant hold. Who is found by what is less sure must not hold another of what is surer: a flatmate
    with the same phone has an e-mail of their own."""
    surer: set[str] = set()
    for group in named:
        found = await graph.read("privacy/held", touched={"identifiers": [key(brand_id, *one) for one in group]})
        held = [row for row in found if row["standing"] == Standing.LINKABLE.value and row["profile_ids"]]
        if held:
            return [] if any(not surer.isdisjoint(row["types"]) for row in held) else held
        surer |= {one.type for one in group}
    return []
