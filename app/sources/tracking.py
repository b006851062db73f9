"""Tracking from shops and apps: one event a call, its fields at the top level (or under `properties`).

A call of a Segment library is read as well: whom it names stands in `traits` and `context.traits`. Addresses among the
`properties` name nobody, since an invitation's is a friend's.
"""

from app.domain.errors import BadInput
from app.domain.times import parse_time
from app.sources.base import Defaults, Delivery, Example, Parsed, Source
from app.sources.commerce import items_or_product, told_order, told_total
from app.sources.envelope import Envelope, event_type
from app.sources.people import KNOWN_NAMES, Attributes, country_of, listed, own_or_told, people, top_level, traits
from app.sources.reading import (
    JsonObject,
    body_key,
    body_text,
    first_given,
    first_text,
    header,
    hint,
    load_object,
    obj,
    without,
)

NAME = "tracking"

_TIMES = ("timestamp", "occurred_at", "originalTimestamp")
_KEYS = ("messageId", "idempotency_key")
_TOTALS = ("total", "revenue", "value")  # as Segment and GA4 have it: the first counts
_PAGES = frozenset({"page", "screen"})  # calls whose `name` is the page's
_NAME = frozenset({"name"})
_COMPANY = "group"  # a call whose `traits` are a company's
_READ_ELSEWHERE = KNOWN_NAMES | {"identifiers", "event", "type", "properties", "ecommerce", "traits", *_TIMES}


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """One event named by `event` or `type`; a `purchase` is an order, of 0 when it says no `total`. Raises BadInput."""
    body = load_object(delivery.body)
    name, raw_type = first_given(body, "event", "type")
    if raw_type is None:
        raise BadInput("event (or type) is missing: name what happened, such as cart_add; several events go to /api/events")
    type_name = event_type(raw_type, name)
    said, beside = _said(body), without(body, _READ_ELSEWHERE)
    fields = {**said, **beside}
    told = (hint(hint(body, "context"), "traits"), {} if type_name == _COMPANY else hint(body, "traits"))
    when_name, when = first_given(body, *_TIMES)
    lines = items_or_product(fields, said)
    envelope = Envelope(delivery, NAME, _key(delivery, body), body_text(delivery.body))
    event = envelope.event(
        type_name,
        parse_time(when, when_name, delivery.received_at),
        people((*top_level(body), *listed(body), *traits(*told)), country_of(defaults.country, body, said, *told)),
        _without_traits(fields),
        total=told_total(type_name, fields, _TOTALS, lines, defaults.currency),
        order_id=told_order(type_name, fields, "order_id", "transaction_id"),
        items=lines,
        attributes=_attributes(type_name, told, said, beside),
    )
    return Parsed((event,))


def _key(delivery: Delivery, body: JsonObject) -> str:
    """The call's key, else the message's own (a library that sends again changes `sentAt`), else the body itself."""
    key = header(delivery, "idempotency-key")
    if key is not None:
        return f"key:{key}"
    message = first_text(body, *_KEYS)
    return f"message:{message}" if message is not None else body_key(delivery.body)


def _said(body: JsonObject) -> JsonObject:
    """The properties, and what a GA4 data layer says of trade in a part of its own. An empty list is PHP's empty object."""
    return {**hint(body, "ecommerce"), **({} if body.get("properties") == [] else obj(body, "properties"))}


def _without_traits(fields: JsonObject) -> JsonObject:
    """Whom the call names stands in no property."""
    return {**fields, "context": without(context, {"traits"})} if (context := hint(fields, "context")) else fields


def _attributes(type_name: str, told: tuple[JsonObject, ...], said: JsonObject, beside: JsonObject) -> Attributes:
    """What the call says of its person, then what its traits say. A `name` among properties is a product's or a film's."""
    return own_or_told(without(beside, _NAME) if type_name in _PAGES else beside, *told, without(said, _NAME))


SOURCE = Source(NAME, "/api/integrations/track", parse, also=("track",))

EXAMPLE = Example(
    headers={"content-type": "application/json"},
    body=b"""{
  "event": "cart_add",
  "email": "sarah.johnson@email.com",
  "session_id": "sess-abc123",
  "product_id": "PROD-003",
  "product_name": "Premium Sneakers",
  "category": "Footwear",
  "price": "125.50",
  "page_url": "https://store.com/products/premium-sneakers",
  "timestamp": "2024-01-19T15:00:00Z"
}""",
    types=("cart_add",),
)
