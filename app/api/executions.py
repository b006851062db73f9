"""What automations did: their executions, and the messages that came of them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.act.redrive import redrive
from app.act.status import EXECUTIONS, MESSAGES
from app.api.bodies import JsonRoute, Nothing
from app.api.filters import known_status
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.messages import list_campaigns, list_executions
from app.graph.rows import millis

Status = Annotated[str | None, Query(description="All when left out.")]
Person = Annotated[str | None, Query(description="Whoever answers for this id, with all they absorbed.")]


def executions_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["automations"])

    @router.get("/api/automation-executions", summary="What automations answered, the newest first")
    async def executions(
        x_brand_id: Brand = None,
        automation_id: str | None = None,
        profile_id: Person = None,
        status: Status = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """`status` is triggered, executed, failed or skipped; `reason` says why it was skipped or failed."""
        brand_id = brand_of(x_brand_id)
        _, before, after = decode_cursor(cursor, ("executions", END_OF_TIME, ""))
        wanted = known_status(status, EXECUTIONS)
        found = await list_executions(graph, brand_id, automation_id, profile_id, wanted, (before, after), limit + 1)
        return page(found, limit, lambda one: ("executions", millis(one["triggered_at"]), one["execution_id"]))

    @router.get("/api/campaign-executions", summary="Messages, the newest first")
    async def campaigns(
        x_brand_id: Brand = None,
        automation_id: str | None = None,
        profile_id: Person = None,
        status: Status = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """`status` is queued, sent, delivered, read or failed; `provider` is `sandbox` where nothing really left."""
        brand_id = brand_of(x_brand_id)
        _, before, after = decode_cursor(cursor, ("campaigns", END_OF_TIME, ""))
        wanted = known_status(status, MESSAGES)
        found = await list_campaigns(graph, brand_id, automation_id, profile_id, wanted, (before, after), limit + 1)
        return page(found, limit, lambda one: ("campaigns", millis(one["queued_at"]), one["campaign_id"]))

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
