"""Shopify's webhooks, by `x-shopify-topic`, and the flat form of our specification; any mixture of the two is read.

Only what the buyer gave as theirs links: the order's and the customer's e-mail and phone, and Shopify's customer id.
Phones of addresses do not (a gift goes to somebody else's door), nor do a real order's `user_id` and `device_id`, which
are the shop's staff and till. Money is the shop's, never what the buyer's browser showed.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.domain.errors import BadInput
from app.domain.events import (
    CHECKOUT,
    CUSTOMER_UPDATED,
    ORDER_CANCELLED,
    ORDER_UPDATED,
    PURCHASE,
    REFUND,
    TEST_ORDER,
    Event,
    Item,
    Money,
)
from app.domain.money import major
from app.domain.orders import MOST_TOLD
from app.sources import signatures
from app.sources.base import Defaults, Delivery, Example, Parsed, Source
from app.sources.commerce import MAX_ITEMS, cost, item, item_properties, items
from app.sources.envelope import Envelope
from app.sources.lists import each
from app.sources.people import Attributes, Named, attributes, country_of, people
from app.sources.reading import (
    JsonObject,
    body_key,
    body_text,
    canonical,
    dump,
    first_given,
    first_text,
    header,
    is_list,
    label,
    load_list,
    load_object,
    obj,
    objects,
    says_nothing,
)
from app.sources.shopify_consent import consents, said_at
from app.sources.shopify_merge import MERGE, merged
from app.sources.shopify_money import TOTALS, order_total, paid_back
from app.sources.shopify_privacy import WANTED, wish

NAME = "shopify"

TYPE_OF_TOPIC = {
    "orders/create": PURCHASE,
    "orders/updated": ORDER_UPDATED,
    "orders/paid": ORDER_UPDATED,
    "orders/fulfilled": ORDER_UPDATED,
    "orders/partially_fulfilled": ORDER_UPDATED,
    "orders/cancelled": ORDER_CANCELLED,
    "orders/delete": ORDER_CANCELLED,  # its id alone, and nothing of it is left in the shop
    "refunds/create": REFUND,
    "customers/create": CUSTOMER_UPDATED,
    "customers/update": CUSTOMER_UPDATED,
    "customers/enable": CUSTOMER_UPDATED,
    "customers/disable": CUSTOMER_UPDATED,
    # What a customer said of messages, and nothing else of them: `customer_id`, an address or a number, and a state.
    "customers_email_marketing_consent/update": CUSTOMER_UPDATED,
    "customers_marketing_consent/update": CUSTOMER_UPDATED,
    "customers_whats_app_marketing_consent/update": CUSTOMER_UPDATED,
    "customers/email_marketing_consent_update": CUSTOMER_UPDATED,
    "customers/sms_marketing_consent_update": CUSTOMER_UPDATED,
    "customers/marketing_consent_update": CUSTOMER_UPDATED,
    "checkouts/create": CHECKOUT,
    "checkouts/update": CHECKOUT,
}

_LINES = frozenset({"line_items", "items"})
_ORDER_SIGNS = _LINES | {*TOTALS, "total_price_set", "order_number", "order_id"}
_REFUND_SIGNS = frozenset({"refund_line_items", "transactions"})
_CUSTOMER_SIGNS = frozenset({"orders_count", "verified_email"})
# When the sale happened: an order brought in later has its true date in `processed_at`.
_SOLD_AT = ("processed_at", "created_at", "occurred_at", "timestamp")
_TIMES = {
    PURCHASE: _SOLD_AT,
    TEST_ORDER: _SOLD_AT,
    ORDER_UPDATED: ("updated_at", "created_at"),
    ORDER_CANCELLED: ("cancelled_at", "updated_at"),
    REFUND: ("processed_at", "created_at"),
    CUSTOMER_UPDATED: ("updated_at", "created_at", "consent_updated_at"),
    CHECKOUT: ("updated_at", "created_at"),
}
_ORDERS = frozenset({PURCHASE, ORDER_UPDATED})  # that may turn out to be called off
_OF_THE_ORDER = (("email", "email"), ("email", "contact_email"), ("phone", "phone"), ("phone", "sms_marketing_phone"))
_FLAT_IDENTIFIERS = ("loyalty_id", "whatsapp", "cookie", "cookie_id", "session", "session_id", "anonymous_id")
_KEPT = (
    "id", "name", "order_number", "token", "cart_token", "checkout_token", "source_name", "financial_status",
    "landing_site", "referring_site", "test", "tags", "note", "abandoned_checkout_url", "completed_at",
    "buyer_accepts_marketing", "buyer_accepts_sms_marketing", "email_marketing_consent", "sms_marketing_consent",
    "whats_app_marketing_consent", "state", "verified_email",
)  # fmt: skip


def parse(delivery: Delivery, defaults: Defaults) -> Parsed:
    """One event, with the refunds that it tells of, or none for a topic that is not read; of a list, which Shopify never
    sends and an import does, one each.

    Raises BadInput when the body is not what the topic promises, Unprocessable when something of a list is not (`each`).
    """
    topic = (header(delivery, "x-shopify-topic") or "").lower()
    if topic == MERGE:
        return merged(delivery)
    if topic in WANTED:
        return Parsed((), ignored=(topic,), wishes=(wish(topic, delivery, defaults),))
    if topic and topic not in TYPE_OF_TOPIC:  # before the body: whatever it holds, Shopify must not be told off
        return Parsed((), ignored=(topic[:100],))
    if is_list(delivery.body):
        elements = load_list(delivery.body)
        return Parsed(each(elements, lambda place, body: _one(delivery, defaults, topic, body, canonical(body), place)))
    body = load_object(delivery.body)
    event = _one(delivery, defaults, topic, body, delivery.body)
    return Parsed((event, *_paid_back_by_now(delivery, event, body, defaults)))


def _one(delivery: Delivery, defaults: Defaults, topic: str, body: JsonObject, content: bytes, place: int | None = None) -> Event:
    """The event of one body, which is `content` in bytes; `place` is its own in a list. Raises BadInput."""
    topic = topic or _guessed(body)
    envelope = Envelope(delivery, NAME, _key(delivery, topic, body, content, place), body_text(content))
    type_name = _type(topic, body)
    if type_name == REFUND:
        return _refund(envelope, body, label(body, "order_id"), paid_back(body, defaults.currency))
    return _event(envelope, type_name, body, defaults)


def _paid_back_by_now(delivery: Delivery, event: Event, body: JsonObject, defaults: Defaults) -> Iterator[Event]:
    """The refunds of an order that was changed, each as its own delivery tells it, whichever comes first: one that was pending
    then has no other delivery, and a shop may have subscribed to none. Raises BadInput."""
    if event.type != ORDER_UPDATED or event.order_id is None:
        return
    for refund in objects(body, "refunds")[:MOST_TOLD]:
        if first_text(refund, "id") and (paid := paid_back(refund, defaults.currency)).minor:
            yield _refund(Envelope(delivery, NAME, "", dump(refund)), refund, event.order_id, paid)


def _guessed(body: JsonObject) -> str:
    """The topic of a body that came without one. A customer's `total_spent` is all they ever spent, the flat form's what this
    order came to. Raises BadInput."""
    if not _REFUND_SIGNS.isdisjoint(body) and _LINES.isdisjoint(body):
        return "refunds/create"
    if _ORDER_SIGNS.isdisjoint(body):
        raise BadInput("the body is no order and the x-shopify-topic header is missing; send it, such as orders/create")
    return "customers/update" if not _CUSTOMER_SIGNS.isdisjoint(body) and _LINES.isdisjoint(body) else "orders/create"


def _type(topic: str, body: JsonObject) -> str:
    """What a topic tells. An order that only tested the payment, or is called off, brings the shop nothing."""
    type_name = TYPE_OF_TOPIC[topic]
    if type_name == PURCHASE and body.get("test") is True:
        return TEST_ORDER
    return ORDER_CANCELLED if type_name in _ORDERS and first_given(body, "cancelled_at")[1] else type_name


def _key(delivery: Delivery, topic: str, body: JsonObject, content: bytes, place: int | None) -> str:
    """Shopify's delivery id (and the place in its list), else topic, id and updated_at, else the body itself."""
    delivered = header(delivery, "x-shopify-webhook-id")
    if delivered is not None:
        return f"webhook:{delivered}" if place is None else f"webhook:{delivered}:{place}"
    thing, changed = first_text(body, "id", "token"), first_text(body, "updated_at")
    return f"{topic}:{thing}:{changed}" if thing and changed else f"{topic}:{body_key(content)}"


def _event(envelope: Envelope, type_name: str, body: JsonObject, defaults: Defaults) -> Event:
    customer = body if type_name == CUSTOMER_UPDATED else obj(body, "customer")
    home = obj(customer, "default_address", "customer.")
    billing = obj(body, "billing_address")
    country = country_of(defaults.country, body, customer)
    lines = items(body, "line_items", "items")
    paid = order_total(type_name, body, defaults.currency) if type_name != CUSTOMER_UPDATED else None
    if paid is None:
        paid = cost(type_name, body, lines, defaults.currency)
    order_id = label(body, "id", "order_id", "order_number") if type_name not in (CUSTOMER_UPDATED, CHECKOUT) else None
    return envelope.event(
        type_name,
        envelope.when({**said_at(body), **body}, *_TIMES[type_name]),
        people(_named(body, customer), country),
        _properties(body, lines, order_id, paid),
        total=paid if type_name in _ORDERS else None,
        order_id=order_id if type_name != TEST_ORDER else None,
        items=lines,
        attributes=_attributes(body, customer, home or billing),
    )


def _refund(envelope: Envelope, body: JsonObject, order_id: str | None, paid: Money) -> Event:
    """What was paid back, to whoever placed the order: a refund names nobody. Lines that were taken back for less are shown,
    and what Shopify has not paid back (yet) is not money.

    It is one, however often and in whichever body it is told; told before it was paid, it is another.
    """
    number = label(body, "id")
    if number and order_id:
        envelope = replace(envelope, key=f"refund:{order_id}:{number}" if paid.minor else f"refund:{order_id}:{number}:unpaid")
    returned = objects(body, "refund_line_items")
    lines = tuple(
        item({**obj(line, "line_item", where), "quantity": line.get("quantity")}, where)
        for where, line in ((f"refund_line_items[{place}].", line) for place, line in enumerate(returned[:MAX_ITEMS]))
    )
    return envelope.event(
        REFUND,
        envelope.when(body, *_TIMES[REFUND]),
        people((), ""),
        _properties(body, lines, order_id, paid),
        total=paid,
        order_id=order_id,
        items=lines,
    )


def _named(body: JsonObject, customer: JsonObject) -> Iterator[Named]:
    if customer is not body:
        for type_name, name in _OF_THE_ORDER:
            yield type_name, body.get(name)
    yield "email", customer.get("email")
    yield "phone", customer.get("phone")
    yield "shopify_customer_id", customer.get("id")
    yield "shopify_customer_id", customer.get("admin_graphql_api_id")
    yield "shopify_customer_id", body.get("customer_id")
    if customer is body:
        yield "email", body.get("email_address")
        yield "phone", body.get("phone_number")
    else:
        for name in _FLAT_IDENTIFIERS:
            yield name, body.get(name)


def _attributes(body: JsonObject, customer: JsonObject, address: JsonObject) -> Attributes:
    """Names as the customer gave them, else as on the bill; where they live or are billed, never where it is sent."""
    place = {
        "first_name": _first(customer.get("first_name"), body.get("first_name"), address.get("first_name")),
        "last_name": _first(customer.get("last_name"), body.get("last_name"), address.get("last_name")),
        "city": address.get("city"),
        "country": _first(address.get("country_code"), address.get("country")),
        "locale": _first(body.get("customer_locale"), customer.get("locale")),
    }
    return attributes(place, place) + consents(body, customer)


def _first(*given: object) -> object:
    return next((value for value in given if value and not says_nothing(value)), None)


def _properties(body: JsonObject, lines: tuple[Item, ...], order_id: str | None, paid: Money | None) -> JsonObject:
    """What is worth querying, out of some hundred fields; the whole body stays in the event's raw text."""
    kept = {name: value for name in _KEPT if (value := body.get(name)) is not None and value != ""}
    if order_id is not None:
        kept["order_id"] = order_id
    if paid is not None:
        kept["total"], kept["currency"] = major(paid.minor, paid.currency), paid.currency
    if lines:
        kept["items"] = item_properties(lines)
    return kept


SOURCE = Source(NAME, "/api/integrations/shopify/webhook", parse, {NAME: signatures.shopify}, lists=True)

EXAMPLE = Example(
    headers={"content-type": "application/json", "x-shopify-topic": "orders/create"},
    body=b"""{
  "id": 12345,
  "email": "sarah.johnson@email.com",
  "phone": null,
  "total_spent": "89.99",
  "currency": "USD",
  "items": [
    {"product_id": "PROD-001", "product_name": "Summer Collection T-Shirt", "category": "Apparel",
     "price": "89.99", "quantity": 1}
  ],
  "created_at": "2024-01-15T10:00:00Z",
  "order_number": "ORD-12345"
}""",
    types=("purchase",),
)
