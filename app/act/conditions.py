"""Conditions of an automation: what must hold of a person. A field that is missing makes its condition false."""

import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.normalise import is_clean
from app.domain.segments import canonical_segment

Value = str | float | int | bool | None | Sequence[str | float | int | bool]

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "in", "exists")
PROFILE = frozenset({"profile_strength", "lifetime_value", "total_orders", "currency"})
PREDICTION = frozenset({
    "churn_score", "predicted_ltv", "predicted_ltv_90", "predicted_ltv_365", "segment", "model_version", "model_source",
    "horizon_days",
})  # fmt: skip
JOURNEY = frozenset({"stage", "previous_stage", "score", "previous_score", "next_best_action"})
MAX_CONDITIONS = 20
MAX_LISTED = 100
_ORDER = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][\w .-]{0,63}")
# Categories and attributes are called what shops call them: Home & Garden.
LONGEST_NAME = 128
LARGEST = 2**63  # numbers from here on are none that anything is counted in
LONGEST_TEXT = 1_000


class InvalidCondition(ValueError):
    """A condition that could never be looked at; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` is a root and a name, such as `profile.total_orders`, `profile.attributes.city`, `prediction.segment` or, of
    features that are counts by name, `features.channel_mix.shopify`."""

    field: str
    op: str
    value: Value = None


Facts = Mapping[str, Mapping[str, object]]
"""What is known of a person by root: profile (with attributes, a map), features, prediction, journey."""


def checked(field: str, op: str, value: Value) -> Condition:
    """A condition as it is kept: `predictions`, as a 360 calls them, are `prediction`.

    Raises InvalidCondition for a field of no known root, an operator that there is none of, or a value that does not fit.
    """
    if field.startswith("predictions."):
        field = field.replace("predictions", "prediction", 1)
    if not _is_known(field):
        raise InvalidCondition(
            f"field {field[:80]!r} is none that is known; fields are profile.({' '.join(sorted(PROFILE))} attributes.NAME), "
            f"features.NAME, prediction.({' '.join(sorted(PREDICTION))}) and journey.({' '.join(sorted(JOURNEY))})"
        )
    if op not in OPERATORS:
        raise InvalidCondition(f"op {op[:20]!r} is none; operators are {' '.join(OPERATORS)}")
    listed = isinstance(value, list | tuple)
    if (op == "in") != listed or (listed and not 0 < len(value) <= MAX_LISTED):  # type: ignore[arg-type]
        raise InvalidCondition(f"{field} {op}: `in` takes a list of 1 to {MAX_LISTED} values, every other operator one value")
    if op == "exists":
        if not (value is None or isinstance(value, bool)):
            raise InvalidCondition(f"{field} exists: the value is true, false or left out")
    elif value is None:
        raise InvalidCondition(f"{field} {op}: value is missing")
    for one in value if isinstance(value, list | tuple) else (value,):
        _check_value(field, one)
    return Condition(field, op, value)


def _is_known(field: str) -> bool:
    root, _, name = field.partition(".")
    if root == "profile" and name.startswith("attributes."):
        return _is_name(name.removeprefix("attributes."))
    if root == "features":
        kind, dot, of = name.partition(".")
        return bool(_NAME.fullmatch(kind)) and (not dot or _is_name(of))
    return name in {"profile": PROFILE, "prediction": PREDICTION, "journey": JOURNEY}.get(root, frozenset())


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and bool(name.strip()) and is_clean(name)


def _check_value(field: str, one: object) -> None:
    """Raises InvalidCondition for what cannot be stored and compared."""
    if isinstance(one, float | int) and not (math.isfinite(one) and abs(one) < LARGEST):
        raise InvalidCondition(f"{field}: {str(one)[:40]} is no number that can be compared; numbers lie between -2^63 and 2^63")
    if isinstance(one, str) and not (is_clean(one) and len(one) <= LONGEST_TEXT):
        raise InvalidCondition(f"{field}: text has at most {LONGEST_TEXT:,} characters, none of them a control character")


def holds(condition: Condition, facts: Facts) -> bool:
    found = _found(condition.field, facts)
    if condition.op == "exists":
        return (found is not None) == (condition.value is not False)
    if found is None:
        return False
    if condition.op == "in":
        assert isinstance(condition.value, list | tuple)
        return any(_compare(condition.field, "=", found, one) for one in condition.value)
    return _compare(condition.field, condition.op, found, condition.value)


def all_hold(conditions: Sequence[Condition], facts: Facts) -> bool:
    return all(holds(condition, facts) for condition in conditions)


def _found(field: str, facts: Facts) -> object:
    root, _, name = field.partition(".")
    data: Mapping[str, object] = facts.get(root) or {}
    if root == "profile" and name.startswith("attributes."):
        attributes = data.get("attributes")
        return attributes.get(name.removeprefix("attributes.")) if isinstance(attributes, Mapping) else None
    kind, _, of = name.partition(".")
    counts = data.get(kind)
    return counts.get(of) if isinstance(counts, Mapping) else data.get(name)


def _compare(field: str, op: str, found: object, wanted: object) -> bool:
    """As numbers where both are numbers (text that writes one too), else as text, whatever its case; order is of numbers
    and of text, never of both. Moments are compared as moments, whatever their zone."""
    if isinstance(found, datetime):
        at = _moment(wanted)
        return op == "!=" if at is None else _ordered(op, found, at)
    left, right = _number(found), _number(wanted)
    if left is not None and right is not None:
        return _ordered(op, left, right)
    if (left is None) != (right is None) and op not in ("=", "!="):
        return False
    return _ordered(op, _text(field, found), _text(field, wanted))


def _ordered(op: str, left: Any, right: Any) -> bool:
    """Of two numbers, two texts or two moments."""
    return bool(_ORDER[op](left, right))


def _number(value: object) -> Decimal | None:
    """To the last digit: of two numbers of customers of seventeen digits, a float makes one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        # Nan and Infinity are names.
        return Decimal(str(value).strip()) if math.isfinite(float(value)) else None
    except (ValueError, OverflowError, InvalidOperation):
        return None


def _moment(value: object) -> datetime | None:
    """Text in ISO-8601; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(str(value).strip().upper())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(field: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip().casefold()
    return canonical_segment(text) if field == "prediction.segment" else text
