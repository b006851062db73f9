"""The graph around one person."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.paging import Brand, answer
from app.api.profiles import ENTRIES, no_profile
from app.domain.brands import brand_of
from app.graph.driver import Graph
from app.graph.surroundings import surroundings


def surroundings_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["profiles"])

    @router.get("/api/profiles/{profile_id}/graph", summary="The graph around one person")
    async def profile_graph(
        profile_id: str,
        x_brand_id: Brand = None,
        depth: Annotated[int, Query(ge=1, le=4, description="Edges from the person.")] = 2,
        limit: Annotated[int, Query(ge=1, le=1000, description="Most nodes.")] = ENTRIES,
    ) -> Response:
        """Identifiers, events, visits, intents, merges, reviews, and through common identifiers other people.

        Nearest first. `truncated` says that something within the depth was left out.
        """
        found = await surroundings(graph, brand_of(x_brand_id), profile_id, depth, limit)
        if found is None:
            raise no_profile(profile_id)
        return answer(found)

    return router
