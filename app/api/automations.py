"""Automations over HTTP: what triggers which message."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.act.automations import (
    Automation,
    automation_view,
    change_automation,
    create_automation,
    delete_automation,
    find_automation,
    list_automations,
)
from app.act.proposal import WRITTEN, AutomationIn, ChangedIn
from app.api.bodies import JsonRoute
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor
from app.domain.errors import Unprocessable
from app.graph.driver import Graph
from app.graph.rows import millis

IfMatch = Annotated[str | None, Header(description="The version that was read: 409 when it has moved since.")]


def automations_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["automations"], route_class=JsonRoute)

    @router.get("/api/automations", summary="List automations, in the order they were made")
    async def automations(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """Each brand begins with three: cart abandonment recovery, VIP treatment, and churn risk retention."""
        _, after, last = decode_cursor(cursor, ("automations", 0, ""))
        found = await list_automations(graph, brand_of(x_brand_id), (after, last), limit + 1)
        return page(found, limit, lambda one: ("automations", millis(one.created_at), one.automation_id), automation_view)

    @router.post("/api/automations", summary="Make an automation", status_code=201)
    async def create(body: AutomationIn, x_brand_id: Brand = None) -> Response:
        made = await create_automation(graph, brand_of(x_brand_id), body.automation(str(uuid.uuid4())))
        return answer(automation_view(made), 201)

    @router.get("/api/automations/{automation_id}", summary="One automation")
    async def automation(automation_id: str, x_brand_id: Brand = None) -> Response:
        return answer(automation_view(await find_automation(graph, brand_of(x_brand_id), automation_id)))

    return router


def automation_changes_router(graph: Graph) -> APIRouter:
    """Changes of one automation, and its end. With its `version`, or in an `If-Match` header, one of something newer is 409."""
    router = APIRouter(tags=["automations"], route_class=JsonRoute)

    @router.put("/api/automations/{automation_id}", summary="Replace an automation")
    async def put(automation_id: str, body: ChangedIn, x_brand_id: Brand = None, if_match: IfMatch = None) -> Response:
        """What is left out takes its default. What was triggered and still waits goes out as the automation is then."""
        version = _version(body.version, if_match)
        new = body.automation(automation_id)
        return answer(
            automation_view(await change_automation(graph, brand_of(x_brand_id), automation_id, lambda _: new, version))
        )

    @router.patch("/api/automations/{automation_id}", summary="Change some fields of an automation")
    async def patch(automation_id: str, body: dict[str, Any], x_brand_id: Brand = None, if_match: IfMatch = None) -> Response:
        """What is left out stays; null takes a field away."""

        def changed(old: Automation) -> Automation:
            shown = automation_view(old)
            return _validated({**{name: shown[name] for name in WRITTEN}, **body}).automation(automation_id)

        given = body.get("version")
        version = _version(given if isinstance(given, int) else None, if_match)  # of another kind it is refused below
        return answer(automation_view(await change_automation(graph, brand_of(x_brand_id), automation_id, changed, version)))

    @router.delete("/api/automations/{automation_id}", summary="Delete an automation")
    async def delete(automation_id: str, x_brand_id: Brand = None, if_match: IfMatch = None) -> Response:
        """What it did stays: its executions keep its id and name."""
        await delete_automation(graph, brand_of(x_brand_id), automation_id, _version(None, if_match))
        return answer({"automation_id": automation_id, "deleted": True})

    return router


def _version(in_body: int | None, if_match: str | None) -> int | None:
    """Raises Unprocessable for a header that is no version, or another one than the body's."""
    if if_match is None or if_match.strip() == "*":
        return in_body
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9 or in_body not in (None, int(plain)):
        raise Unprocessable(
            f"If-Match {if_match[:40]!r}: send the automation's version, such as 3; where the body says one too, the same"
        )
    return int(plain)


def _validated(body: dict[str, Any]) -> ChangedIn:
    try:
        return ChangedIn.model_validate(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
