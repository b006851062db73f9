"""Automations over HTTP: what triggers which message."""

import re
import uuid
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Header, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.act.automations import (
    CHURN,
    CHURN_FROM,
    SEGMENT,
    Automation,
    Cap,
    Channel,
    QuietHours,
    automation_view,
    change_automation,
    create_automation,
    delete_automation,
    find_automation,
    list_automations,
)
from app.act.conditions import MAX_CONDITIONS, OPERATORS, Condition, Value, checked
from app.act.templates import MAX_SUBJECT, check_template
from app.api.bodies import JsonRoute
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor
from app.domain.errors import Unprocessable
from app.domain.segments import canonical_segment
from app.graph.driver import Graph
from app.graph.rows import millis

_CONTENT_SID = r"^HX[0-9a-fA-F]{32}$"
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_VARIABLE = re.compile(r"\w{1,64}")

Template = Annotated[str, AfterValidator(check_template)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name[:40]!r} is no time zone; send one such as Europe/London") from error
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ConditionIn(_Strict):
    field: Annotated[str, Field(max_length=200, description="Such as profile.total_orders, or prediction.segment.")]
    op: Literal["=", "!=", "<", "<=", ">", ">=", "in", "exists"] = Field(description=f"One of {' '.join(OPERATORS)}.")
    value: list[str | float | int | bool] | str | float | int | bool | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        checked(self.field, self.op, self.value)
        return self


class CapIn(_Strict):
    messages: int = Field(ge=1, le=1_000, description="Most messages of this automation a person ...")
    days: int = Field(ge=1, le=3_650, description="... in so many days.")


class QuietHoursIn(_Strict):
    begin: str = Field(alias="from", pattern=_CLOCK, description="HH:MM")
    end: str = Field(alias="to", pattern=_CLOCK, description="HH:MM, on the next day when it is before `from`.")
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"


class AutomationIn(_Strict):
    """An automation as clients write it."""

    name: str = Field(min_length=1, max_length=200)
    trigger: str = Field(
        min_length=1, max_length=100, description="cart_abandonment, segment, churn, or the type of an event such as purchase."
    )
    threshold: float | None = Field(None, ge=0, le=1, description=f"Of churn: the score from which on it triggers; {CHURN_FROM}.")
    segment: str | None = Field(None, min_length=1, max_length=64, description="Of segment: the one that people enter.")
    conditions: list[ConditionIn] = Field([], max_length=MAX_CONDITIONS, description="All must hold.")
    channel: Channel
    template: Template = Field(min_length=1, description="Jinja: {{ first_name }}, {{ product_name }}, an attribute's name ...")
    subject: Template | None = Field(None, min_length=1, max_length=MAX_SUBJECT, description="Of an e-mail.")
    content_sid: str | None = Field(None, pattern=_CONTENT_SID, description="The approved WhatsApp template, for outside 24 h.")
    content_variables: dict[str, Template] = Field({}, max_length=50, description="Its variables, each a template.")
    cap: CapIn | None = None
    quiet_hours: QuietHoursIn | None = None
    active: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.trigger == SEGMENT and self.segment is None:
            raise ValueError("a segment trigger needs `segment`, such as champion")
        if self.trigger != SEGMENT and self.segment is not None:
            raise ValueError('`segment` is for the segment trigger; say {"field": "prediction.segment", ...} in `conditions`')
        if self.trigger != CHURN and self.threshold is not None:
            raise ValueError("`threshold` is for the churn trigger; use `conditions`")
        if self.channel == "email" and self.subject is None:
            raise ValueError("an e-mail needs a `subject`")
        if self.channel != "email" and self.subject is not None:
            raise ValueError("only an e-mail has a `subject`; leave it out")
        if self.content_sid is not None and self.channel != "whatsapp":
            raise ValueError("`content_sid` is for whatsapp")
        wrong = next((name for name in self.content_variables if not _VARIABLE.fullmatch(name)), None)
        if wrong is not None or (self.content_variables and self.content_sid is None):
            raise ValueError("`content_variables` are those of `content_sid`, by number or name, such as 1")
        return self

    def automation(self, automation_id: str) -> Automation:
        quiet = self.quiet_hours
        return Automation(
            automation_id=automation_id,
            name=self.name.strip(),
            trigger=self.trigger,
            channel=self.channel,
            template=self.template,
            subject=self.subject,
            threshold=(CHURN_FROM if self.threshold is None else float(self.threshold)) if self.trigger == CHURN else None,
            segment=canonical_segment(self.segment) if self.segment else None,
            conditions=tuple(_condition(one) for one in self.conditions),
            content_sid=self.content_sid,
            content_variables=tuple(self.content_variables.items()),
            cap=Cap(self.cap.messages, self.cap.days) if self.cap else None,
            quiet_hours=QuietHours(quiet.begin, quiet.end, quiet.timezone) if quiet else None,
            active=self.active,
        )


class ChangedIn(AutomationIn):
    version: int | None = Field(None, ge=1, description="The one that was read: 409 when it has moved since.")


IfMatch = Annotated[str | None, Header(description="As `version` in the body.")]


def _condition(one: ConditionIn) -> Condition:
    value: Value = one.value
    return checked(one.field, one.op, value)


WRITTEN = tuple(AutomationIn.model_fields)


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
        response = answer(automation_view(made))
        response.status_code = 201
        return response

    @router.get("/api/automations/{automation_id}", summary="One automation")
    async def automation(automation_id: str, x_brand_id: Brand = None) -> Response:
        return answer(automation_view(await find_automation(graph, brand_of(x_brand_id), automation_id)))

    @router.delete("/api/automations/{automation_id}", summary="Delete an automation")
    async def delete(automation_id: str, x_brand_id: Brand = None) -> Response:
        """What it did stays: its executions keep its id and name."""
        await delete_automation(graph, brand_of(x_brand_id), automation_id)
        return answer({"automation_id": automation_id, "deleted": True})

    return router


def automation_changes_router(graph: Graph) -> APIRouter:
    """Changes of one automation. With its `version`, or in an `If-Match` header, a change of something newer is 409."""
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

    return router


def _version(in_body: int | None, if_match: str | None) -> int | None:
    """Raises Unprocessable for a header that is no version, or another one than the body's."""
    if if_match is None or if_match.strip() == "*":
        return in_body
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9 or in_body not in (None, int(plain)):
        raise Unprocessable(f"If-Match {if_match[:40]!r}: send the automation's version, such as 3, here or in the body")
    return int(plain)


def _validated(body: dict[str, Any]) -> ChangedIn:
    try:
        return ChangedIn.model_validate(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
