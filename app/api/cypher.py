"""The data scientists' door: their own read-only Cypher over the graph."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.bodies import JsonRoute
from app.api.paging import Brand
from app.domain.brands import brand_of
from app.graph.cypher_door import Read
from app.graph.cypher_door.door import DEFAULT_ROWS, MOST_ROWS


class CypherQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    query: str = Field(description="One statement that only reads.", examples=["RETURN $brand"])
    parameters: dict[str, Any] = Field(default_factory=dict, description="Values of $name in the query.")
    limit: int = Field(DEFAULT_ROWS, ge=1, le=MOST_ROWS, description="Most rows answered.")


class _QueryRoute(JsonRoute):
    free = frozenset({"parameters"})


def cypher_router(read: Read) -> APIRouter:
    router = APIRouter(tags=["cypher"], route_class=_QueryRoute)

    @router.post("/api/cypher", response_model=None)
    async def cypher(body: CypherQuery, brand: Brand = None) -> Response:
        """Runs a read-only query: at most 5 s and 16 MB, 1,000 rows unless told, 100,000 at most.

        Answers `{"data": {columns, rows, truncated, ms}}`. `$brand` and `$brand_id` are the caller's brand. This is a
        door over the whole graph: a query that does not filter by brand reads every brand. So where the service asks for keys it
        is open as long as the brand is alone in the graph, and 403 when another stands beside it.
        """
        answer = await read(brand_of(brand), body.query, body.parameters, body.limit)
        return Response(answer, media_type="application/json")

    return router
