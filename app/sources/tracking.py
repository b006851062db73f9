"""Tracking from shops and apps: one event a call, its fields at the top level (or under `properties`).

A call of a Segment library is read as well (app/sources/calls.py). Segment's own doors are another source.
"""

from app.domain.errors import BadInput
from app.sources.base import Defaults, Delivery, Example, Parsed, Source
from app.sources.calls import event_of
from app.sources.envelope import Envelope, event_type
from app.sources.reading import JsonObject, body_key, body_text, first_given, first_text, header, load_object

NAME = "tracking"

_KEYS = ("messageId", "idempotency_key")


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """One event named by `event` or `type`; a `purchase` is an order (see `told_total`). Raises BadInput."""
    body = load_object(delivery.body)
    name, raw_type = first_given(body, "event", "type")
    if raw_type is None:
        raise BadInput("event (or type) is missing: name what happened, such as cart_add; several events go to /api/events")
    type_name = event_type(raw_type, name)
    envelope = Envelope(delivery, NAME, _key(delivery, body), body_text(delivery.body))
    return Parsed((event_of(envelope, type_name, type_name, body, defaults),))


def _key(delivery: Delivery, body: JsonObject) -> str:
    """The call's key, else the message's own (a library that sends again changes `sentAt`), else the body itself."""
    key = header(delivery, "idempotency-key")
    if key is not None:
        return f"key:{key}"
    message = first_text(body, *_KEYS)
    return f"message:{message}" if message is not None else body_key(delivery.body)


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
