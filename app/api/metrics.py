"""GET /metrics, for Prometheus, which sends no brand."""

import asyncio
import time

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from app.domain.errors import ConstIntelError
from app.graph.driver import Graph
from app.publish.stream import lag
from app.telemetry.metrics import Metrics

PATIENCE_S = 1.0
FRESH_S = 5.0  # however often somebody asks, the graph is asked this often


def metrics_router(graph: Graph, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["health"])
    asked_at, asking = float("-inf"), asyncio.Lock()

    @router.get("/metrics", response_class=PlainTextResponse)
    async def exposition() -> Response:
        """Prometheus text format: batches, outcomes, refusals, latency by route, what waits, whether Neo4j is up."""
        nonlocal asked_at
        async with asking:
            if time.monotonic() - asked_at >= FRESH_S:
                metrics.set_graph(*await _graph(graph))
                asked_at = time.monotonic()
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


async def _graph(graph: Graph) -> tuple[bool, int | None]:
    """Whether it answers, and how far the streams lag behind. A graph that is slow at the second may be up all the same."""
    try:
        await asyncio.wait_for(graph.read("read/ready"), PATIENCE_S)
    except (TimeoutError, ConstIntelError):
        return False, None
    try:
        return True, await asyncio.wait_for(lag(graph), PATIENCE_S)
    except (TimeoutError, ConstIntelError):
        return True, None
