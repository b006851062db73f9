"""The identity graph's health, for admins: how large people are, what links too many, what waits and what was taken back."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from app.api.paging import Brand, answer
from app.domain.brands import brand_of
from app.graph.driver import Graph
from app.graph.health import read_health
from app.graph.rulebook import RuleBook
from app.review.graph_health import health_view


def graph_health_router(graph: Graph, book: RuleBook) -> APIRouter:
    router = APIRouter(tags=["graph health"])

    @router.get("/api/graph/health", summary="How the identity graph is doing: sizes, shared identifiers, merges, undos, reviews")
    async def health(x_brand_id: Brand = None) -> Response:
        """`components`: profiles by their number of events, in powers of two (`at_least`: counting ended at `limits.counted`),
        and the `largest`: events, identifiers and absorbed ids of each, and the reviews it waits in.

        `identifiers`: of the `limits.looked_at` that were seen with the most others, by type: how many have which fan-out (how
        many people's identifiers they were carried with) beside the type's `limit`; `near_limit` links one person still but is
        one or none below; `shared` links nobody. Those seen with fewer than four others are not counted.

        `merges_per_day` and `undos_per_day`: the last 30 days, UTC. `reviews`: pending ones by age in days. `conflicts`: what
        waits in them, by the rule that stopped it, in open links (pieces of evidence) and reviews.

        People and identifiers that were stored before migration V0009 count from their next event on.
        """
        brand_id, now = brand_of(x_brand_id), datetime.now(UTC)
        return answer(health_view(await read_health(graph, brand_id, now), await book.now(graph, brand_id)))

    return router
