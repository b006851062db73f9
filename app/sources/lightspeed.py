"""Lightspeed Retail's webhooks (X-Series): sales and customers, as JSON in a form's field (x-series-api.lightspeedhq.com).

A sale is told whole whenever it changes, with a `version` that only grows. Sales name no currency. What comes back is a sale of
its own, below 0. Whoever gives no name is the customer `WALKIN`, who is everybody.
"""

from app.domain.errors import BadInput
from app.domain.events import CUSTOMER_UPDATED, ORDER_CANCELLED, REFUND, Event, Money
from app.domain.money import amount, minor_units
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.commerce import items
from app.sources.envelope import Envelope
from app.sources.people import Attributes, People, country_of, own_or_told, people
from app.sources.reading import (
    JsonObject,
    body_key,
    body_text,
    first_text,
    form,
    hint,
    is_json,
    label,
    load_object,
    or_0,
    revision,
    says_nothing,
)
from app.sources.sale import Sale, no_amount, of_sale, sale_events

NAME = "lightspeed"

_SALE, _CUSTOMER = "sale.update", "customer.update"
_SALE_SIGNS = frozenset({"register_sale_products", "sale_date", "totals", "register_id"})
_CUSTOMER_SIGNS = frozenset({"customer_code", "customer_group_id", "first_name"})
_VOIDED, _CLOSED = "VOIDED", "CLOSED"
_NOT_CLOSED = "sale"  # an event of a sale that is saved, laid by or on account: it names its customer and brings nothing
_WALK_IN = "walkin"
_OF_A_SALE = ("status", "source", "invoice_number", "register_id", "outlet_id", "user_id", "note", "return_for")
_ADDRESSES = ("physical", "postal")


def fields_of(body: bytes) -> JsonObject | None:
    """The form of one of Lightspeed's notices; None for a body of another kind. Raises BadInput when it is no form at all."""
    if is_json(body) or b"payload=" not in body:
        return None
    fields = form(body_text(body))
    return fields if "payload" in fields else None


def parse(delivery: Delivery, fields: JsonObject, defaults: Defaults) -> Parsed:
    """The purchase of a sale that is closed and what it comes to by now, or what else became of one, or of a customer; other
    notices are none of ours. Raises BadInput."""
    thing = load_object(str(fields["payload"]).encode())
    notice = first_text(fields, "type") or _guessed(thing)
    envelope = Envelope(delivery, NAME, _key(delivery, notice, thing), body_text(delivery.body))
    if notice == _SALE:
        return Parsed(_sale(envelope, thing, defaults))
    if notice == _CUSTOMER and not _is_anybody(thing):
        return Parsed((_customer(envelope, thing, defaults),))
    return Parsed((), ignored=(notice[:100],))


def _guessed(thing: JsonObject) -> str:
    """Of what a notice is that does not say so, which Lightspeed does not promise."""
    if not _SALE_SIGNS.isdisjoint(thing):
        return _SALE
    return _CUSTOMER if not _CUSTOMER_SIGNS.isdisjoint(thing) else "no_sale"


def _key(delivery: Delivery, notice: str, thing: JsonObject) -> str:
    """What a thing had become is told once; else the body itself."""
    named, version = label(thing, "id"), revision(thing)
    return f"{notice}:{named}:{version}" if named and version else f"{notice}:{body_key(delivery.body)}"


def _sale(envelope: Envelope, told: JsonObject, defaults: Defaults) -> tuple[Event, ...]:
    sale, customer = _read(envelope, told, defaults.currency), hint(told, "customer")
    who, attributes = _who(told, customer, defaults), _told(customer)
    facts = {name: told[name] for name in _OF_A_SALE if told.get(name) is not None}
    status = (first_text(told, "status") or "").upper()
    is_voided = status == _VOIDED
    if not is_voided and not status.endswith(_CLOSED):
        return (envelope.event(_NOT_CLOSED, sale.changed_at, who, facts, attributes=attributes),)
    if sale.total.minor < 0:
        back, taken_back = _given_back(envelope, sale, label(told, "return_for"), who, facts, attributes)
        return (back, taken_back) if is_voided else (back,)
    if is_voided:
        return (envelope.event(ORDER_CANCELLED, sale.changed_at, who, facts, order_id=sale.sale_id, attributes=attributes),)
    return sale_events(envelope, sale, who, facts, attributes)


def _read(envelope: Envelope, told: JsonObject, currency: str) -> Sale:
    """The sale as it is told, whatever its state. Raises BadInput."""
    sale_id = label(told, "id")
    if sale_id is None:
        raise BadInput("the sale's id is missing; send the sale as Lightspeed does")
    total = _total(told, currency)
    return Sale(
        sale_id,
        sold_at=envelope.when(told, "sale_date", "created_at"),
        changed_at=envelope.when(told, "updated_at", "sale_date", "created_at"),
        revision=revision(told),
        total=total,
        left=total,
        items=items(told, "register_sale_products", "line_items"),
    )


def _given_back(
    envelope: Envelope, back: Sale, order_id: str | None, who: People, facts: JsonObject, told: Attributes
) -> tuple[Event, Event]:
    """A return, and what takes it back once it is voided: told beside it, so that the two come to nothing whichever notice of the
    return comes first, or alone."""
    of, kept = of_sale(envelope, back.sale_id), Money(-back.total.minor, back.total.currency)
    return (
        of.event(REFUND, back.sold_at, who, facts, total=back.total, order_id=order_id, attributes=told),
        of.event(REFUND, back.changed_at, who, facts, part="voided", total=kept, order_id=order_id, attributes=told),
    )


def _total(sale: JsonObject, currency: str) -> Money:
    """Prices and their tax, as the totals say or the sale itself; else what was paid. Raises BadInput."""
    totals = hint(sale, "totals")
    for where, data in (("totals.", totals), ("", sale)):
        if not says_nothing(price := data.get("total_price")):
            summed = amount(price, f"{where}total_price") + amount(or_0(data, "total_tax"), f"{where}total_tax")
            return Money(minor_units(summed, currency, f"{where}total_price"), currency)
    if says_nothing(totals.get("total_payment")) and str(sale.get("status")).strip().upper().endswith(_CLOSED):
        raise no_amount("totals.total_price", "the sale as Lightspeed does")
    return Money(minor_units(or_0(totals, "total_payment"), currency, "totals.total_payment"), currency)


def _who(sale: JsonObject, customer: JsonObject, defaults: Defaults) -> People:
    """Nobody, where only an id is told: it may be that of `WALKIN`, and thousands of sales would be one person's."""
    if not customer or _is_anybody(customer):
        return people((), defaults.country)
    named = (
        ("lightspeed_customer_id", sale.get("customer_id") if says_nothing(customer.get("id")) else customer.get("id")),
        ("email", customer.get("email")),
        ("phone", customer.get("mobile")),
        ("phone", customer.get("phone")),
    )
    return people(named, _country(customer, defaults))


def _is_anybody(customer: JsonObject) -> bool:
    code = customer.get("customer_code")
    return isinstance(code, str) and code.strip().casefold() == _WALK_IN


def _customer(envelope: Envelope, customer: JsonObject, defaults: Defaults) -> Event:
    facts = {name: customer[name] for name in ("customer_code", "company_name", "note") if customer.get(name)}
    changed_at = envelope.when(customer, "updated_at", "created_at")
    return envelope.event(CUSTOMER_UPDATED, changed_at, _who({}, customer, defaults), facts, attributes=_told(customer))


def _country(customer: JsonObject, defaults: Defaults) -> str:
    return country_of(defaults.country, *({"country": customer.get(f"{place}_country_id")} for place in _ADDRESSES))


def _told(customer: JsonObject) -> Attributes:
    """Hints, as whatever is said beside a sale, and that they want no e-mails."""
    if _is_anybody(customer):
        return ()
    places = [
        {"city": customer.get(f"{place}_city"), "country": customer.get(f"{place}_country_id")} for place in reversed(_ADDRESSES)
    ]
    birthday = {"birthday": customer.get("date_of_birth"), "gender": customer.get("gender")}
    stopped = (("email_consent", "unsubscribed"),) if customer.get("do_not_email") is True else ()
    return own_or_told({}, *places, birthday, customer) + stopped
