"""Our own form: one event, or a list of up to a thousand that is taken whole or refused whole."""

from app.domain.errors import BadInput, Unprocessable
from app.domain.events import STORE_VISIT, Event
from app.domain.times import parse_time
from app.sources.base import Defaults, Delivery, Example, Parsed, Source
from app.sources.commerce import items_or_product, told_order, told_total, visit
from app.sources.envelope import Envelope, event_type, source_name
from app.sources.lists import each
from app.sources.people import KNOWN_NAMES, country_of, free_attributes, listed, people, top_level
from app.sources.reading import (
    JsonObject,
    body_key,
    body_text,
    canonical,
    first_given,
    flag,
    header,
    kind,
    laid_over,
    load_json,
    obj,
    text,
    without,
)

NAME = "canonical"

_TIMES = ("occurred_at", "timestamp")
_OWN_FIELDS = {"source", "type", *_TIMES, "identifiers", "properties", "attributes", "idempotency_key", "backfill"}
_READ_ELSEWHERE = KNOWN_NAMES | _OWN_FIELDS
_WHERE = "properties."


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """The events of the body, in order. Raises BadInput when it is no JSON, Unprocessable when an event is not valid:
    for a list its `extra` has `indexes` and `errors` (index, detail) of every bad element."""
    body = load_json(delivery.body)
    if isinstance(body, dict):
        if (wrapped := next((name for name, value in body.items() if isinstance(value, list)), None)) and "type" not in body:
            raise Unprocessable(f"type is missing; if {wrapped[:40]!r} is a list of events, send the list itself as the body")
        try:
            key = _key(delivery, body, delivery.body)
            return Parsed((_event(delivery, defaults, body, body_text(delivery.body), key),))
        except BadInput as error:
            raise Unprocessable(error.detail, **error.extra) from error
    if not isinstance(body, list):
        raise BadInput(f"the body must be one event or a list of events, not {kind(body)}")

    def read(place: int, element: JsonObject) -> Event:
        raw = canonical(element)
        return _event(delivery, defaults, element, raw.decode(), _key(delivery, element, raw, place))

    return Parsed(each(body, read))


def _event(delivery: Delivery, defaults: Defaults, data: JsonObject, raw: str, key: str) -> Event:
    """One event; `key` is its idempotency key. What stands beside its own fields is kept with the properties."""
    type_name = event_type(data.get("type"), "type")
    said = obj(data, "properties")
    fields = laid_over(said, without(data, _READ_ELSEWHERE))
    when_name, when = first_given(data, *_TIMES)
    country = country_of(defaults.country, data, said)
    lines = items_or_product(fields, said, _WHERE)
    return Envelope(delivery, source_name(data.get("source"), NAME), key, raw).event(
        type_name,
        parse_time(when, when_name, delivery.received_at),
        people((*listed(data), *top_level(data)), country, strict=True),
        fields,
        total=told_total(type_name, fields, ("total",), lines, defaults.currency, _WHERE),
        order_id=told_order(type_name, fields, "order_id", where=_WHERE),
        items=lines,
        visit=visit(fields, delivery.received_at, _WHERE) if type_name == STORE_VISIT else None,
        attributes=free_attributes(obj(data, "attributes")),
        backfill=flag(data, "backfill"),
    )


def _key(delivery: Delivery, data: JsonObject, content: bytes, place: int | None = None) -> str:
    """The event's own key, else the call's (with the place in the list), else the hash of its content."""
    own = text(data, "idempotency_key")
    if own is not None:
        return f"key:{own}"
    call = header(delivery, "idempotency-key")
    if call is None:
        return body_key(content)
    return f"key:{call}" if place is None else f"call:{call}:{place}"


SOURCE = Source(NAME, "/api/events", parse, lists=True)

EXAMPLE = Example(
    headers={"content-type": "application/json"},
    body=b"""{
  "source": "web",
  "type": "purchase",
  "occurred_at": "2024-02-01T12:00:00Z",
  "identifiers": {"email": "michael.chen@email.com", "phone": "+1-555-0456"},
  "properties": {
    "order_id": "A-1001",
    "total": 199.99,
    "currency": "USD",
    "items": [{"product_name": "Designer Jacket", "category": "Apparel", "price": "199.99"}]
  },
  "idempotency_key": "A-1001"
}""",
    types=("purchase",),
)
