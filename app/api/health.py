"""Whether the process is up, and whether it can serve: for load balancers, which send no brand."""

import asyncio

from fastapi import APIRouter, Request, Response

from app.domain.errors import Unavailable
from app.graph.driver import Graph

PATIENCE_S = 1.0

OK = b'{"status":"ok"}'
READY = b'{"status":"ready"}'


def health_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", summary="The process is up")
    async def healthz() -> Response:
        """Asks nobody, so it is not a question of the graph."""
        return Response(OK, media_type="application/json")

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", summary="The service can serve: the graph answers")
    async def readyz(request: Request) -> Response:
        """503 with Retry-After when the graph does not answer within a second, and once the service was told to stop."""
        if getattr(request.app.state, "draining", False):
            raise Unavailable("the service is stopping; ask another, or try again in a moment")
        try:
            await asyncio.wait_for(graph.read("read/ready"), PATIENCE_S)
        except TimeoutError:
            raise Unavailable(f"the graph did not answer within {PATIENCE_S:.0f} s") from None
        return Response(READY, media_type="application/json")

    return router
