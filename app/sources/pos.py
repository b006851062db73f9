"""The till: one call gives a visit, a purchase, or both, in the flat form of our specification; or Square's, Lightspeed's or
Toast's own.

The buyer may stand in a part of their own, `customer`. What a sale names as its device and session is the till's, which every
buyer stands at: those of the buyer stand under `identifiers`.
"""

from collections.abc import Iterator

from app.domain.errors import BadInput
from app.domain.events import PURCHASE, STORE_VISIT, Event, Money, Visit
from app.domain.money import major
from app.sources import lightspeed, signatures, square, toast
from app.sources.base import Defaults, Delivery, Example, Parsed, Source
from app.sources.commerce import item_properties, items, total, visit
from app.sources.envelope import Envelope
from app.sources.people import KNOWN_NAMES, Attributes, Named, People, country_of, listed, own_or_told, people, top_level, traits
from app.sources.reading import JsonObject, body_key, body_text, header, hint, label, load_object, without

NAME = "pos"

_BUYER = {"customer_email": "email", "customer_phone": "phone"}
_OF_THE_TILL = frozenset({"device", "device_id", "session", "session_id"})
_READ_ELSEWHERE = (KNOWN_NAMES - _OF_THE_TILL) | {"identifiers", "items", "line_items", "customer", *_BUYER}


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """What a till says, each in its maker's words: they all post to the same address. Raises BadInput."""
    maker, told = _read(delivery)
    return _READERS[maker](delivery, told, defaults)


def sender_of(delivery: Delivery) -> str | None:
    """Whose words `parse` would read a body as, so that none is read as a maker's that its maker did not sign."""
    maker, _ = _read(delivery)
    return maker if maker != NAME else None


def _read(delivery: Delivery) -> tuple[str, JsonObject]:
    """In whose words a body is, and what it holds. Raises BadInput."""
    fields = lightspeed.fields_of(delivery.body)
    if fields is not None:
        return lightspeed.NAME, fields
    body = load_object(delivery.body)
    return next((maker.NAME for maker in (square, toast) if maker.is_from(body)), NAME), body


def _flat(delivery: Delivery, body: JsonObject, defaults: Defaults) -> Parsed:
    """A `store_visit` when `check_in_at` is there and a `purchase` when `total` is, sharing one delivery.

    Raises BadInput when neither is.
    """
    stay = visit(body, delivery.received_at)
    paid = total(body, ("total",), defaults.currency)
    customer = hint(body, "customer")
    who = people(_named(body, customer, is_sale=paid is not None), country_of(defaults.country, body, customer))
    told = own_or_told(body, customer)
    envelope = Envelope(delivery, NAME, _key(delivery), body_text(delivery.body))
    events = []
    if stay is not None:
        events.append(_visited(envelope, body, who, told, stay))
    if paid is not None:
        events.append(_bought(envelope, body, who, told, paid))
    if not events:
        raise BadInput("the call is neither a visit nor a purchase: send check_in_at, total, or both")
    return Parsed(tuple(events))


def _named(body: JsonObject, customer: JsonObject, *, is_sale: bool) -> Iterator[Named]:
    yield from top_level(without(body, _OF_THE_TILL) if is_sale else body)
    yield from ((type_name, body.get(name)) for name, type_name in _BUYER.items())
    yield from traits(customer)
    yield from listed(body)


def _visited(envelope: Envelope, body: JsonObject, who: People, told: Attributes, stay: Visit) -> Event:
    return envelope.event(
        STORE_VISIT,
        stay.check_in_at,
        who,
        {**without(body, _READ_ELSEWHERE), "duration_minutes": stay.duration_minutes},
        part=STORE_VISIT,
        visit=stay,
        attributes=told,
    )


def _bought(envelope: Envelope, body: JsonObject, who: People, told: Attributes, paid: Money) -> Event:
    order_id = label(body, "transaction_id", "order_id")
    lines = items(body, "items", "line_items")
    facts = {
        "order_id": order_id,
        "total": major(paid.minor, paid.currency),
        "currency": paid.currency,
        "items": item_properties(lines),
    }
    return envelope.event(
        PURCHASE,
        envelope.when(body, "occurred_at", "timestamp", "check_in_at", "created_at"),
        who,
        {**without(body, _READ_ELSEWHERE), **facts},
        part=PURCHASE,
        total=paid,
        order_id=order_id,
        items=lines,
        attributes=told,
    )


def _key(delivery: Delivery) -> str:
    given = header(delivery, "idempotency-key")
    return f"key:{given}" if given is not None else body_key(delivery.body)


_READERS = {NAME: _flat, square.NAME: square.parse, lightspeed.NAME: lightspeed.parse, toast.NAME: toast.parse}

SOURCE = Source(
    NAME,
    "/api/integrations/pos",
    parse,
    {square.NAME: signatures.square, lightspeed.NAME: signatures.lightspeed, toast.NAME: signatures.toast},
    sender_of,
    also=(square.NAME, lightspeed.NAME, toast.NAME),
    media=("application/json", "application/x-www-form-urlencoded"),
)

EXAMPLE = Example(
    headers={"content-type": "application/json"},
    body=b"""{
  "store_id": "STORE-001",
  "store_name": "Downtown Location",
  "loyalty_id": "LOY-789456",
  "phone": "+1-555-0123",
  "transaction_id": "TXN-98765",
  "total": 125.50,
  "items": [
    {"product_id": "PROD-002", "product_name": "Premium Sneakers", "category": "Footwear",
     "price": "125.50", "quantity": 1}
  ],
  "check_in_at": "2024-01-17T11:00:00Z",
  "check_out_at": "2024-01-17T11:45:00Z",
  "detection_method": "qr_scan"
}""",
    types=("store_visit", "purchase"),
)
