"""Runs of automations that would reach many people: they wait here for an admin."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.act.approval import BATCH_LIST, STATUSES, decide, list_batches
from app.api.bodies import JsonRoute
from app.api.filters import known_status
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.graph.driver import Graph


class Decided(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str | None = Field(None, max_length=1_000, description="Why, for those who look later.")


def batches_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["automations"])

    @router.get("/api/automation-batches", summary="Runs of automations that wait for approval, the newest first")
    async def batches(
        x_brand_id: Brand = None,
        status: Annotated[str, Query(description=f"One of {', '.join(STATUSES)}.")] = "waiting",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """A run that would reach more than 500 people of a brand in a day (`CONSTINTEL_APPROVAL_ABOVE`), over all its automations
        and with what went out unasked before, sends nothing until somebody approves it."""
        brand_id = brand_of(x_brand_id)
        known_status(status, STATUSES)
        found = await list_batches(graph, brand_id, status, BATCH_LIST.begin(cursor), limit + 1)
        return page(found, limit, BATCH_LIST.place)

    return router


def approval_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["automations"], route_class=JsonRoute)

    @router.post("/api/automation-batches/{batch_id}/approve", summary="Let a large run go out")
    async def approve(batch_id: str, body: Decided | None = None, x_brand_id: Brand = None) -> Response:
        """The next run of `automations` sends it, to those for whom its conditions still hold."""
        return answer(await decide(graph, brand_of(x_brand_id), batch_id, "approved", body.note if body else None))

    @router.post("/api/automation-batches/{batch_id}/reject", summary="Keep a large run from going out")
    async def reject(batch_id: str, body: Decided | None = None, x_brand_id: Brand = None) -> Response:
        """Its executions are skipped; who was reached by it is not triggered for the same occurrence again."""
        return answer(await decide(graph, brand_of(x_brand_id), batch_id, "rejected", body.note if body else None))

    return router
