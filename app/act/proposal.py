"""An automation as people write it, by the API or in the console: what it may say, and what is wrong with what it says."""

import re
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.act.automations import CHURN, CHURN_FROM, SEGMENT, Automation, Cap, Channel, QuietHours
from app.act.conditions import MAX_CONDITIONS, MAX_LISTED, OPERATORS, checked
from app.act.templates import MAX_SUBJECT, check_template
from app.domain.events import read_name
from app.domain.segments import NAMES, canonical_segment

_CONTENT_SID = r"^HX[0-9a-fA-F]{32}$"
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_VARIABLE = re.compile(r"\w{1,64}")

Template = Annotated[str, AfterValidator(check_template)]


def _kind(name: str) -> str:
    """As events are named, so that what it waits for comes."""
    found = read_name(name)
    if found is None:
        raise ValueError("`trigger` names an event's type in characters that can be seen, such as purchase")
    return found


Trigger = Annotated[str, AfterValidator(_kind)]


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
    value: Annotated[list[str | float | int | bool], Field(max_length=MAX_LISTED)] | str | float | int | bool | None = None

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

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    trigger: Trigger = Field(
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
        if self.segment is not None and canonical_segment(self.segment) not in NAMES:
            raise ValueError(f"`segment` is no segment's name; there are {', '.join(NAMES)}")
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
            name=self.name,
            trigger=self.trigger,
            channel=self.channel,
            template=self.template,
            subject=self.subject,
            threshold=(CHURN_FROM if self.threshold is None else float(self.threshold)) if self.trigger == CHURN else None,
            segment=canonical_segment(self.segment) if self.segment else None,
            conditions=tuple(checked(one.field, one.op, one.value) for one in self.conditions),
            content_sid=self.content_sid,
            content_variables=tuple(self.content_variables.items()),
            cap=Cap(self.cap.messages, self.cap.days) if self.cap else None,
            quiet_hours=QuietHours(quiet.begin, quiet.end, quiet.timezone) if quiet else None,
            active=self.active,
        )


class ChangedIn(AutomationIn):
    version: int | None = Field(None, ge=1, description="The one that was read: 409 when it has moved since.")


WRITTEN = tuple(AutomationIn.model_fields)
