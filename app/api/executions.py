"""What automations did: their executions, and the messages that came of them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.act.redrive import redrive
from app.act.status import EXECUTIONS, MESSAGES
from app.api.bodies import JsonRoute, Nothing
from app.api.filters import known_status
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.graph.driver import Graph
from app.graph.messages import CAMPAIGN_LIST, EXECUTION_LIST, Which, list_campaigns, list_executions

Status = Annotated[str | None, Query(description="All when left out.")]
Person = Annotated[str | None, Query(description="Whoever answers for this id, with all they absorbed.")]


async def which_of(automation_id: str | None = None, profile_id: Person = None, status: Status = None) -> Which:
    return Which(automation_id, profile_id, status)


Asked = Annotated[Which, Depends(which_of)]


def executions_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["automations"])

    @router.get("/api/automation-executions", summary="What automations answered, the newest first")
    async def executions(which: Asked, x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """`status` is triggered, executed, failed or skipped; `reason` says why it was skipped or failed."""
        brand_id = brand_of(x_brand_id)
        known_status(which.status, EXECUTIONS)
        found = await list_executions(graph, brand_id, which, EXECUTION_LIST.begin(cursor), limit + 1)
        return page(found, limit, EXECUTION_LIST.place)

    @router.get("/api/campaign-executions", summary="Messages, the newest first")
    async def campaigns(which: Asked, x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """`status` is queued, sent, delivered, read or failed; `provider` is `sandbox` where nothing really left."""
        brand_id = brand_of(x_brand_id)
        known_status(which.status, MESSAGES)
        found = await list_campaigns(graph, brand_id, which, CAMPAIGN_LIST.begin(cursor), limit + 1)
        return page(found, limit, CAMPAIGN_LIST.place)

    return router


def redrive_router(graph: Graph, providers: Mapping[str, str]) -> APIRouter:
    """`providers` by channel, as they are configured now."""
    router = APIRouter(tags=["automations"], route_class=JsonRoute)

    @router.post("/api/campaign-executions/{campaign_id}/redrive", summary="Queue a failed message once more")
    async def again(campaign_id: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """The next run of `automations` sends it. One that may have been sent is asked for first, where that can be done; an
        e-mail cannot: look before."""
        await redrive(graph, brand_of(x_brand_id), campaign_id, providers)
        return answer({"campaign_id": campaign_id, "status": "queued"})

    return router
