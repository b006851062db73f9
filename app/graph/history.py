"""Reads what was decided: merges, and the queue of reviews. Each is one round trip."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.cursors import Place
from app.domain.identifiers import Identifier
from app.graph.driver import Graph
from app.graph.listing import Newest
from app.graph.rows import Row, moment
from app.graph.views import merge_view, review_view
from app.graph.whole import settled, whole

MERGE_LIST = Newest("merges", "decided_at", "merge_id")
REVIEW_LIST = Newest("reviews", "created_at", "review_id")


@settled
async def list_merges(graph: Graph, brand_id: str, profile_id: str | None, place: Place, limit: int) -> list[Row]:
    """Merges from behind `place`, the newest first: all, or those that made who answers for `profile_id`."""
    before, after = place
    page = {"brand_id": brand_id, "before": before, "after": after, "limit": limit}
    if profile_id is None:
        found = await graph.read("read/merges", **page)
    else:
        found = await graph.read("read/merges_of", profile_id=profile_id, **page)
    return [merge_view(row["merge"]) for row in found]


@settled
async def find_merge(graph: Graph, brand_id: str, merge_id: str) -> Row | None:
    found = await graph.read("read/merge", brand_id=brand_id, merge_id=merge_id)
    return merge_view(found[0]["merge"]) if found else None


async def undone_by(graph: Graph, brand_id: str, merge_id: str) -> str | None:
    """The judgement that undid this very merge, which is what a redo takes back; None when it was others that undid it."""
    found = await graph.read("review/merge", brand_id=brand_id, merge_id=merge_id)
    return found[0]["undone_by"] if found else None


@settled
async def list_reviews(graph: Graph, brand_id: str, statuses: Sequence[str], place: Place, limit: int) -> list[Row]:
    """Reviews in these states from behind `place`, the newest first."""
    before, after = place
    found = await whole(
        graph, "read/reviews", brand_id=brand_id, statuses=list(statuses), before=before, after=after, limit=limit
    )
    return [review_view(row["review"]) for row in found]


async def reviews_waiting(graph: Graph, brand_id: str, most: int) -> tuple[int, datetime | None]:
    """How many reviews are pending, of at most so many, and since when the oldest is."""
    (found,) = await graph.read("read/reviews_waiting", brand_id=brand_id, limit=most)
    return found["waiting"], moment(found["oldest"])


async def reviews_beside(graph: Graph, brand_id: str, review_id: str, at: int) -> dict[str, str]:
    """The pending reviews next to one in the queue that was opened then (epoch milliseconds), as `newer` and `older`."""
    found = await graph.read("read/reviews_beside", brand_id=brand_id, review_id=review_id, at=at)
    return {row["side"]: row["review_id"] for row in found}


async def carried_by(graph: Graph, brand_id: str, event_ids: Sequence[str]) -> dict[str, frozenset[Identifier]]:
    """The identifiers that events carried, by event id."""
    found = await graph.read("explain/sightings", brand_id=brand_id, events=list(event_ids), identifiers=[], each=0)
    seen = (row["sighting"] for row in found)
    return {one["event_id"]: frozenset(Identifier(*carried[:2]) for carried in one["identifiers"]) for one in seen}


@settled
async def find_review(graph: Graph, brand_id: str, review_id: str) -> Row | None:
    found = await whole(graph, "read/review", brand_id=brand_id, review_id=review_id)
    return review_view(found[0]["review"]) if found else None
