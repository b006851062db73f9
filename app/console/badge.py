"""The badge in the navigation: how many reviews wait, and for how long the oldest has. Each page asks for it by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Response

from app.console.pages import HEADERS, Pages
from app.console.routes import Brand
from app.domain.errors import Unavailable
from app.graph.driver import Graph
from app.graph.history import reviews_waiting

MOST = 99  # counted; more are 99+
LONG = timedelta(days=1)


def badge_router(router: APIRouter, graph: Graph, pages: Pages) -> None:
    @router.get("/console/{brand}/waiting")
    async def waiting(brand: Brand) -> Response:
        """Nothing where nothing waits, or where the graph does not answer: that the page itself tells."""
        try:
            count, oldest = await reviews_waiting(graph, brand, MOST + 1)
        except Unavailable:
            return Response(status_code=204, headers=HEADERS)
        if oldest is None:
            return Response(status_code=204, headers=HEADERS)
        now = datetime.now(UTC)
        told: dict[str, Any] = {
            "count": min(count, MOST),
            "more": count > MOST,
            "since": oldest,
            "now": now,
            "long": now - oldest >= LONG,
        }
        return pages.part("part_badge.html", brand=brand, **told)
