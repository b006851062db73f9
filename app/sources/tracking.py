"""Tracking from shops and apps: one event a call, its fields at the top level (or under `properties`)."""

from app.domain.errors import BadInput
from app.domain.events import PURCHASE
from app.domain.times import parse_time
from app.sources.base import Defaults, Delivery, Example, Parsed, Source
from app.sources.commerce import items_or_product, total
from app.sources.envelope import Envelope, event_type
from app.sources.people import KNOWN_NAMES, attributes, country_of, listed, people, top_level
from app.sources.reading import body_key, body_text, first_given, header, label, load_object, obj, without

NAME = "tracking"

_TIMES = ("timestamp", "occurred_at")
_READ_ELSEWHERE = KNOWN_NAMES | {"identifiers", "event", "type", "properties", *_TIMES}


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """One event named by `event` or `type`; a `purchase` is an order, of 0 when it says no `total`. Raises BadInput."""
    body = load_object(delivery.body)
    name, raw_type = first_given(body, "event", "type")
    if raw_type is None:
        raise BadInput("event (or type) is missing: name what happened, such as cart_add")
    type_name = event_type(raw_type, name)
    fields = {**obj(body, "properties"), **without(body, _READ_ELSEWHERE)}
    when_name, when = first_given(body, *_TIMES)
    is_purchase = type_name == PURCHASE
    key = header(delivery, "idempotency-key")
    envelope = Envelope(delivery, NAME, f"key:{key}" if key else body_key(delivery.body), body_text(delivery.body))
    event = envelope.event(
        type_name,
        parse_time(when, when_name, delivery.received_at),
        people((*top_level(body), *listed(body)), country_of(defaults.country, body, obj(body, "properties"))),
        fields,
        total=total(fields, ("total",), defaults.currency) if is_purchase else None,
        order_id=label(fields, "order_id", "transaction_id") if is_purchase else None,
        items=items_or_product(fields),
        attributes=attributes(fields),
    )
    return Parsed((event,))


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
