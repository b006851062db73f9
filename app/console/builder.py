"""The form of an automation: its fields as text, what they say as the API's body, and what is wrong with each. Pure."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from pydantic import ValidationError

from app.act.automations import CART, CHURN, SEGMENT, Automation
from app.act.conditions import JOURNEY, MAX_CONDITIONS, PREDICTION, PROFILE, Value
from app.act.proposal import AutomationIn
from app.console.forms import Form

EVENT = "event"
TRIGGERS = {
    CART: "a cart is left for two hours",
    SEGMENT: "somebody enters a segment",
    CHURN: "the churn score reaches a threshold",
    EVENT: "an event happens",
}
TEXTS = (
    "name", "trigger", "event_type", "segment", "threshold", "channel", "subject", "template", "content_sid",
    "content_variables", "cap_messages", "cap_days", "quiet_from", "quiet_to", "quiet_timezone",
)  # fmt: skip
LONGEST = 16_000  # characters of a field that are read at all; what a field may hold says the API's validation
FIELDS = (
    *(f"profile.{name}" for name in sorted(PROFILE)), "profile.attributes.city",
    *(f"features.{name}" for name in ("recency_days", "monetary", "orders", "mean_gap_days", "open_intents", "visits")),
    *(f"prediction.{name}" for name in sorted(PREDICTION)), *(f"journey.{name}" for name in sorted(JOURNEY)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A condition as it is written in its row."""

    field: str = ""
    op: str = "="
    value: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds. `texts` has every one of TEXTS."""

    texts: Mapping[str, str]
    conditions: tuple[Row, ...] = ()
    active: bool = True


EMPTY = Draft({**dict.fromkeys(TEXTS, ""), "trigger": CART, "channel": "whatsapp", "quiet_timezone": "UTC"})


def draft_in(form: Form) -> Draft:
    """As it was sent, so that it can be shown again."""
    texts = {name: form.text(name, LONGEST).replace("\r\n", "\n") for name in TEXTS}
    columns = (form.all(f"condition_{part}") for part in ("field", "op", "value"))
    rows = tuple(Row(*(part.strip() for part in parts)) for parts in zip(*columns, strict=False))
    return Draft(texts, rows[: MAX_CONDITIONS + 1], bool(form.text("active")))


def draft_of(one: Automation) -> Draft:
    """What an automation says, in the fields of the form."""
    known = one.trigger in (CART, SEGMENT, CHURN)
    texts = {
        **EMPTY.texts,
        "name": one.name,
        "trigger": one.trigger if known else EVENT,
        "event_type": "" if known else one.trigger,
        "segment": one.segment or "",
        "threshold": "" if one.threshold is None else str(one.threshold),
        "channel": one.channel,
        "subject": one.subject or "",
        "template": one.template,
        "content_sid": one.content_sid or "",
        "content_variables": "\n".join(f"{name} = {text}" for name, text in one.content_variables),
    }
    if one.cap is not None:
        texts |= {"cap_messages": str(one.cap.messages), "cap_days": str(one.cap.days)}
    if one.quiet_hours is not None:
        quiet = one.quiet_hours
        texts |= {"quiet_from": quiet.begin, "quiet_to": quiet.end, "quiet_timezone": quiet.timezone}
    rows = tuple(Row(condition.field, condition.op, _shown(condition.value)) for condition in one.conditions)
    return Draft(texts, rows, one.active)


def changed(draft: Draft, add: bool, remove: str) -> Draft:
    """With a row more, or without the one of that number."""
    rows = [row for number, row in enumerate(draft.conditions) if str(number) != remove]
    if add and len(rows) < MAX_CONDITIONS:
        rows.append(Row())
    return replace(draft, conditions=tuple(rows))


def proposed(draft: Draft) -> AutomationIn | dict[str, str]:
    """What the form says, validated as the API does; or what is wrong, by field (of a condition `condition_` and its number,
    "" for what is of no one field)."""
    try:
        return AutomationIn.model_validate(body(draft))
    except ValidationError as error:
        return _complaints(draft, error)


def body(draft: Draft) -> dict[str, Any]:
    """As the API takes it. What belongs to another trigger or channel than the chosen one is not said."""
    said = draft.texts
    trigger, channel = said["trigger"], said["channel"]
    written: dict[str, Any] = {
        "name": said["name"],
        "trigger": said["event_type"] if trigger == EVENT else trigger,
        "conditions": [_condition(row) for row in draft.conditions],
        "channel": channel,
        "template": said["template"],
        "active": draft.active,
    }
    if trigger == SEGMENT:
        written["segment"] = said["segment"] or None
    if trigger == CHURN:
        written["threshold"] = _number(said["threshold"])
    if channel == "email":
        written["subject"] = said["subject"] or None
    if channel == "whatsapp":
        written |= {"content_sid": said["content_sid"] or None, "content_variables": _variables(said["content_variables"])}
    if said["cap_messages"] or said["cap_days"]:
        written["cap"] = {name: _number(said[f"cap_{name}"]) for name in ("messages", "days")}
    if said["quiet_from"] or said["quiet_to"]:
        names = ("from", "to", "timezone")
        written["quiet_hours"] = {name: said[f"quiet_{name}"] for name in names if name != "timezone" or said["quiet_timezone"]}
    return written


def _condition(row: Row) -> dict[str, Any]:
    value: Value = row.value or None
    if row.op == "in":
        value = _listed(row.value)
    elif row.op == "exists":
        value = {"": None, "true": True, "false": False}.get(row.value.lower(), row.value)
    return {"field": row.field, "op": row.op, "value": _plain(value) if isinstance(value, str) else value}


def _plain(text: str) -> str | float | int:
    """A number where the text is one as numbers are written: 02134 is a postcode."""
    number = _number(text)
    return number if isinstance(number, int | float) and str(number) == text else text


def _number(text: str) -> float | int | str | None:
    if not text:
        return None
    for kind in (int, float):
        try:
            number = kind(text)
            if math.isfinite(number):
                return number
        except (ValueError, OverflowError):  # also one of more digits than any field takes
            continue
    return text


def _listed(text: str) -> list[str | float | int | bool]:
    rows = list(csv.reader([text.replace("\n", " ")], skipinitialspace=True))
    return [_plain(one.strip()) for row in rows for one in row if one.strip()]


def _shown(value: Value) -> str:
    if isinstance(value, list | tuple):
        line = StringIO()
        csv.writer(line, lineterminator="").writerow([_shown(one) for one in value])
        return line.getvalue()
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _variables(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): said.strip() for name, _, said in lines}


def _complaints(draft: Draft, error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in error.errors():
        found.setdefault(_field(draft, one["loc"], one["msg"]), _said(one["type"], one["msg"]))
    return found


PLACES = {
    ("quiet_hours", "begin"): "quiet_from", ("quiet_hours", "from"): "quiet_from", ("quiet_hours", "to"): "quiet_to",
    ("quiet_hours", "timezone"): "quiet_timezone", ("cap", "messages"): "cap_messages", ("cap", "days"): "cap_days",
}  # fmt: skip
OF_THE_WHOLE = ("content_variables", "content_sid", "segment", "threshold", "subject")


def _field(draft: Draft, where: Sequence[int | str], said: str) -> str:
    """The field of the form that a complaint of the API's is about."""
    match tuple(where):
        case ():
            return next((name for name in OF_THE_WHOLE if f"`{name}`" in said), "")
        case ("conditions", int(number), *_):
            return f"condition_{number}"
        case ("trigger", *_):
            return "event_type" if draft.texts["trigger"] == EVENT else "trigger"
        case (str(name), str(part), *_) if (name, part) in PLACES:
            return PLACES[name, part]
        case (str(name), *_):
            return name if name in TEXTS else ""
    return ""


def _said(kind: str, message: str) -> str:
    if kind == "string_too_short":
        return "fill this in"
    if kind == "missing" or kind.endswith("_type"):
        return {"float_type": "write a number", "int_type": "write a whole number"}.get(kind, "fill this in")
    return message.removeprefix("Value error, ")


def first_wrong(complaints: Iterable[str]) -> str:
    """The field to go to first, in the order of the form."""
    places = {name: place for place, name in enumerate(TEXTS)}
    return min(complaints, key=lambda name: places.get(name, len(places)), default="")
