"""Cypher behind keys. A query reads the whole graph, and no rule on its text could hold it to one brand."""

from collections.abc import Mapping
from typing import Any

from app.access.doorman import Access
from app.domain.errors import Forbidden
from app.graph.cypher_door import Read
from app.graph.driver import Graph


def within_brand(read: Read, graph: Graph, access: Access) -> Read:
    """The same reading; where the service asks for keys, only as long as the brand is alone in its graph."""

    async def reading(brand_id: str, query: str, parameters: Mapping[str, Any], limit: int) -> bytes:
        if await access.is_closed() and await graph.read("access/other_brand", brand_id=brand_id):
            raise Forbidden(
                "Cypher reads the whole graph, and other brands stand in this one, whose keys you may not have; who runs the "
                "service can attach a Bolt client (`constintel neo4j uri`), or give each brand a graph of its own"
            )
        return await read(brand_id, query, parameters, limit)

    return reading
