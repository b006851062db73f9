"""Reading merge history. Asking for a merge, and undoing one, are decisions and live in `app/api/decisions.py`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.errors import NotFound
from app.graph.driver import Graph
from app.graph.history import MERGE_LIST, find_merge, list_merges


def merges_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["merges"])

    @router.get("/api/merges", summary="List merges, the newest first")
    async def merges(
        x_brand_id: Brand = None,
        profile_id: Annotated[str | None, Query(description="A survivor's id, or one that was absorbed.")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """With `profile_id`: all merges that made the person who answers for it."""
        found = await list_merges(graph, brand_of(x_brand_id), profile_id, MERGE_LIST.begin(cursor), limit + 1)
        return page(found, limit, MERGE_LIST.place)

    @router.get("/api/merges/{merge_id}", summary="One merge: before, after, and because of what")
    async def merge(merge_id: str, x_brand_id: Brand = None) -> Response:
        """`because` is the event, or the person's judgement, that made these profiles one."""
        found = await find_merge(graph, brand_of(x_brand_id), merge_id)
        if found is None:
            raise NotFound(f"no merge {merge_id[:128]!r} in this brand; GET /api/merges lists them")
        return answer(found)

    return router
