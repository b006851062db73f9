"""Reading the built-in streams, page by page."""

from fastapi import APIRouter, Response

from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer
from app.domain.brands import brand_of
from app.domain.errors import BadInput
from app.graph.driver import Graph
from app.publish.stream import read_stream


def streams_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["streams"])

    @router.get("/api/streams/{topic}", summary="Read a stream: events.raw or events.normalized")
    async def stream(
        topic: str,
        x_brand_id: Brand = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """Entries in the order of their positions, which have no gaps and never change.

        A page of large events ends before `limit`. `next` is null when there is nothing more now; for what comes later ask
        again after the last entry's position.
        """
        found = await read_stream(graph, brand_of(x_brand_id), topic, _position(cursor), limit)
        return answer(found.entries, next=None if found.next is None else str(found.next))

    return router


def _position(after: str | None) -> int:
    """A position that a client hands back. Raises BadInput when it is none."""
    if after is None:
        return 0
    if not (after.isascii() and after.isdecimal() and len(after) <= 18):
        raise BadInput(f"after must be `next` of the page before, or a position such as 0, not {after[:40]!r}")
    return int(after)
