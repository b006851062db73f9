"""Flat rows, of CSV and Parquet, as canonical events. Pure.

`source`, `type`, `occurred_at` (or `timestamp`) and `idempotency_key` are the event's own. `identifiers.email` and a column that
is called like an identifier type are identifiers, `attributes.city` is an attribute, `properties.total` and whatever else there
is are properties: what stands behind the first dot is the name. An empty cell is absent.
"""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal

import orjson

from app.importing.records import BadRow, UnreadableFile
from app.sources.people import KNOWN_NAMES
from app.sources.reading import JsonObject

_OWN = frozenset({"source", "type", "occurred_at", "timestamp", "idempotency_key"})
_PARTS = ("identifiers", "properties", "attributes")
# Properties that are numbers wherever a sender has types; CSV has none. Whatever else looks like one may be a code.
NUMERIC = frozenset({
    "total", "subtotal", "total_price", "price", "unit_price", "quantity", "revenue", "value", "tax", "shipping", "discount",
    "amount", "score", "rating",
})  # fmt: skip
_LISTS = frozenset({"items", "products"})
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?", re.ASCII)
MOST_DIGITS = 15  # that a double keeps
_BEYOND = "this time lies outside the years 1 to 9999"


class BeyondPython:
    """A value that stands in a file and that Python has none for: a time behind the year 9999, or before the first."""


def check_columns(header: Sequence[str]) -> None:
    """Raises UnreadableFile when no row under this header could be an event."""
    if "type" not in {name.lower() for name in header}:
        raise UnreadableFile(
            f"no column is called `type`, which names the event (purchase, page_view, ...); there are {', '.join(header)[:500]}"
        )


def event_of_cells(cells: Mapping[str, str]) -> tuple[JsonObject]:
    """The event of a row of CSV. Raises BadRow."""
    given = {name: text for name, cell in cells.items() if (text := cell.strip())}
    return (event_of({name: _typed(name.rpartition(".")[2], text) for name, text in given.items()}),)


def event_of_values(values: Mapping[str, object]) -> tuple[JsonObject]:
    """The event of a row of Parquet. Raises BadRow, which names the column."""
    return (event_of({name: read for name, value in values.items() if (read := _read(name, value)) is not None}),)


def _read(name: str, value: object) -> object:
    try:
        return plain(value)
    except BadRow as error:
        raise BadRow(f"{name}: {error.detail}") from error


def event_of(flat: Mapping[str, object]) -> JsonObject:
    """A canonical event of values by their columns' names."""
    event: JsonObject = {}
    parts: dict[str, JsonObject] = {name: {} for name in _PARTS}
    for name, value in flat.items():
        part, _, rest = name.partition(".")
        known = name.lower()
        if part in parts and rest:
            parts[part][rest] = value
        elif part in parts:
            if not isinstance(value, dict):
                raise BadRow(f"{name} must hold fields; name one such as {name}.NAME")
            parts[part] = {**value, **parts[part]}
        elif known in _OWN:
            event[known] = value
        elif known in KNOWN_NAMES:
            parts["identifiers"][known] = value
        else:
            parts["properties"][name] = value
    return event | {name: part for name, part in parts.items() if part}


def _typed(name: str, text: str) -> object:
    """A cell as its column means it. Raises BadRow."""
    if name in NUMERIC and _NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) <= MOST_DIGITS:
        return float(text) if "." in text else int(text)
    if name in _LISTS:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadRow(f"{name} must be a JSON list of products: {error}") from error
    return text


def plain(value: object) -> object:
    """A value of Arrow's as JSON has it; None for what is absent. Times without a zone are UTC. Raises BadRow."""
    if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
        value = dict(value)  # Arrow's map
    match value:
        case dict():
            return {str(name): read for name, one in value.items() if (read := plain(one)) is not None}
        case list():
            return [plain(one) for one in value]
        case datetime():
            return _in_utc(value)
        case date() | time():
            return value.isoformat()
        case Decimal():
            return _number(value)
    return _scalar(value)


def _in_utc(value: datetime) -> str:
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except OverflowError as error:
        raise BadRow(_BEYOND) from error


def _text(value: bytes) -> str:
    """What writers that know no text (Hive, Impala, older Sparks) have for it. Raises BadRow for what only could be some."""
    with suppress(UnicodeDecodeError):
        text = value.decode()
        if "".join(text.split()).isprintable():
            return text
    raise BadRow("these bytes are no text; make them some where the file is written (of a UUID: CAST(... AS VARCHAR))")


def _scalar(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, BeyondPython):
        raise BadRow(f"{_BEYOND}; is it in seconds, where milliseconds are meant, or the like?")
    raise BadRow(f"{type(value).__name__} is no kind of value that JSON has; make it text or a number")


def _number(value: Decimal) -> object:
    """A number where one keeps it exactly, else its digits."""
    if not value.is_finite() or len(value.as_tuple().digits) > MOST_DIGITS:
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)
