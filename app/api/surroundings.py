"""The graph around one person."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.paging import Brand, answer
from app.api.past import Then, When
from app.api.profiles import ENTRIES, no_profile
from app.domain.brands import brand_of
from app.domain.past import Past
from app.graph.driver import Graph
from app.graph.past_graph import surroundings_then
from app.graph.rows import Row
from app.graph.rulebook import RuleBook
from app.graph.surroundings import surroundings


def surroundings_router(graph: Graph, book: RuleBook, currency: str) -> APIRouter:
    router = APIRouter(tags=["profiles"])

    @router.get("/api/profiles/{profile_id}/graph", summary="The graph around one person")
    async def profile_graph(
        profile_id: str,
        x_brand_id: Brand = None,
        depth: Annotated[int, Query(ge=1, le=4, description="Edges from the person.")] = 2,
        limit: Annotated[int, Query(ge=1, le=1000, description="Most nodes.")] = ENTRIES,
        when: When = None,
    ) -> Response:
        """Identifiers, events, visits, intents, merges, reviews, and through common identifiers other people.

        Nearest first. `truncated` says that something within the depth was left out. With `as_of` or `known_at` the graph as
        it stood then.
        """
        brand_id = brand_of(x_brand_id)

        async def then(past: Past) -> Row:
            return await surroundings_then(graph, past, currency, depth, limit)

        if when is None:
            found = await surroundings(graph, brand_id, profile_id, depth, limit)
        else:
            found = await Then(graph, book, brand_id, profile_id, when).seen(then, depth)
        if found is None:
            raise await no_profile(graph, brand_id, profile_id)
        return answer(found)

    return router
