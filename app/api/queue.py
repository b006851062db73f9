"""Reading the merge queue. Deciding on a review lives in `app/api/decisions.py`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.filters import known_status
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.errors import NotFound
from app.domain.profiles import ReviewStatus
from app.graph.driver import Graph
from app.graph.history import REVIEW_LIST, list_reviews
from app.review.queue import read_review

STATUSES = tuple(status.value for status in ReviewStatus)


def queue_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["merge queue"])

    @router.get("/api/merge-queue", summary="List reviews, the newest first")
    async def reviews(
        x_brand_id: Brand = None,
        status: Annotated[str | None, Query(description=f"One of {', '.join(STATUSES)}; all when left out.")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """A pending review shows who waits in it now; a decided one whom the decision was about."""
        brand_id = brand_of(x_brand_id)
        one = known_status(status, STATUSES)
        wanted = STATUSES if one is None else (one,)
        found = await list_reviews(graph, brand_id, wanted, REVIEW_LIST.begin(cursor), limit + 1)
        return page(found, limit, REVIEW_LIST.place)

    @router.get("/api/merge-queue/{review_id}", summary="One review and the profiles in it")
    async def review(review_id: str, x_brand_id: Brand = None) -> Response:
        """Send its `version` along with a decision: one that moved meanwhile refuses it.

        A pending review of three profiles or more has a `structure`: the `articulation_points` (a profile, identifier or event
        without which it falls apart), the `bridges` (ties that alone hold it together), and a `proposal`: the groups of profiles
        that come apart when the weakest bridge is cut, the one that parts them most evenly. Approve with one group as
        `profile_ids`, and those left out are not the same person.
        """
        found = await read_review(graph, brand_of(x_brand_id), review_id)
        if found is None:
            raise NotFound(f"no review {review_id[:128]!r} in this brand; GET /api/merge-queue lists them")
        return answer(found)

    return router
