"""One statement in a transaction of its own."""

from collections.abc import Mapping
from typing import Any

from neo4j import AsyncManagedTransaction

from app.graph.driver import Graph, Rows, rows


async def write(graph: Graph, name: str, plan: Mapping[str, Any]) -> Rows:
    """The rows of a statement of `cypher/` that takes one map, `plan`. Raises as `Graph.write`."""

    async def work(tx: AsyncManagedTransaction) -> Rows:
        return await rows(tx, name, {"plan": dict(plan)})

    return await graph.write(work)
