"""The warm-up leaves nothing behind, and its failure stops nobody."""

from collections.abc import Awaitable, Callable
from typing import Any

from neo4j import AsyncDriver

from app.domain.errors import Unavailable
from app.graph.driver import Graph
from app.ingest.warm_up import warm_up
from tests.ingest.looking import ask


async def test_nothing_of_it_is_stored(graph: Graph, database: AsyncDriver) -> None:
    await warm_up(graph)
    [row] = await ask(database, "MATCH (n {brand_id: '-warm-up'}) RETURN count(n) AS n")
    assert row["n"] == 0


async def test_a_graph_that_is_away_is_told_and_no_reason_to_stop() -> None:
    class Away:
        async def write(self, work: Callable[[Any], Awaitable[object]], patience_s: float) -> object:
            raise Unavailable("no answer")

    said: list[str] = []
    await warm_up(Away(), said.append)  # type: ignore[arg-type]
    assert said == ["Neo4j is slow to warm up, so the first deliveries may be as well (no answer)"]
