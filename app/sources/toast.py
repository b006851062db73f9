"""Toast's `orders` webhook (doc.toasttab.com/doc/devguide/devOrdersWebhookRef.html, with the Order of its orders API).

An order is told whole whenever something of it changes, and a guest pays a check of it: each check is a sale of its own, of
whoever it names. It comes to its `totalAmount`, less what was paid back; tips are told beside it. Amounts are in major units, in
the brand's currency. Toast leaves names and phone numbers out of what it sends; what is there is read.
"""

from datetime import datetime

from app.domain.errors import BadInput
from app.domain.events import ORDER_CANCELLED, TEST_ORDER, Event, Item, Money
from app.domain.money import amount, major, minor_units
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.commerce import MAX_ITEMS, item
from app.sources.envelope import Envelope
from app.sources.people import People, own_or_told, people
from app.sources.reading import (
    JsonObject,
    body_key,
    canonical,
    first_given,
    first_text,
    hint,
    label,
    laid_over,
    obj,
    objects,
    or_0,
    says_nothing,
)
from app.sources.sale import Sale, no_amount, sale_events

NAME = "toast"

MAX_CHECKS = 200  # of one order
_ORDERS = frozenset({"order_updated", "channel_order_updated"})
_PAID = frozenset({"PAID", "CLOSED"})  # of a payment's tip Toast may still hear
_NOT_PAID = "check"  # an event of a check that is open: it names its guest and brings nothing
_OF_A_CHECK = ("displayNumber", "paymentStatus", "tabName", "taxAmount")
_OF_AN_ORDER = ("source", "businessDate", "numberOfGuests")
_MOST_SHOWN = 10**12
_RECORDED = ("guid", "openedDate", "modifiedDate", "voided", "deleted", "createdInTestMode", *_OF_AN_ORDER)


def is_from(body: JsonObject) -> bool:
    """Whether a body is one of Toast's messages."""
    return "eventCategory" in body and isinstance(body.get("eventType"), str) and isinstance(body.get("details"), dict)


def parse(delivery: Delivery, body: JsonObject, defaults: Defaults) -> Parsed:
    """What became of each check of an order by now; other messages are none of ours, nor are open checks that name nobody.
    Raises BadInput."""
    told = first_text(body, "eventType") or ""
    if told not in _ORDERS:
        return Parsed((), ignored=(told[:100],))
    order = obj(obj(body, "details"), "order", "details.")
    checks = objects(order, "checks", "details.order.")
    if len(checks) > MAX_CHECKS:
        raise BadInput(f"details.order.checks holds {len(checks):,} checks, at most {MAX_CHECKS}; send the order as Toast does")
    events = [event for place, check in enumerate(checks) for event in _check(delivery, body, order, check, place, defaults)]
    return Parsed(tuple(events), () if events else (told,))


def _check(
    delivery: Delivery, body: JsonObject, order: JsonObject, check: JsonObject, place: int, defaults: Defaults
) -> tuple[Event, ...]:
    where = f"details.order.checks[{place}]."
    check_id = label(check, "guid", where=where)
    if check_id is None:
        raise BadInput(f"{where}guid is missing; send the order as Toast does")
    envelope = _envelope(delivery, body, order, check, check_id)
    who, told = _guest(check, defaults), own_or_told({}, hint(check, "customer"))
    changed_at = _changed_at(envelope, body, order, check, where)
    facts = _facts(body, order, check, where)
    if order.get("createdInTestMode") is True:
        return (envelope.event(TEST_ORDER, changed_at, who, facts, attributes=told),)
    if any(one.get(how) is True for one in (order, check) for how in ("voided", "deleted")):
        return (envelope.event(ORDER_CANCELLED, changed_at, who, facts, order_id=check_id, attributes=told),)
    if not _is_paid(check):
        named = (envelope.event(_NOT_PAID, changed_at, who, facts, attributes=told),)
        return named if who.identifiers else ()
    if says_nothing(check.get("totalAmount")):
        raise no_amount(f"{where}totalAmount", "the order as Toast does")
    total = _money(check, "totalAmount", defaults.currency, where)
    back = _paid_back(check, defaults.currency, where)
    left = Money(max(0, total.minor - back.minor), total.currency)
    sold_at = min(changed_at, envelope.when(laid_over(check, order), "paidDate", "closedDate", "openedDate", where=where))
    sale = Sale(check_id, sold_at, changed_at, 0, total, left, _items(check, where))
    return sale_events(envelope, sale, who, {**facts, "refunded": major(back.minor, back.currency)}, told)


def _envelope(delivery: Delivery, body: JsonObject, order: JsonObject, check: JsonObject, check_id: str) -> Envelope:
    """A check's own, of whose order only what tells of it is written down: others' checks are other people's. Its key is
    Toast's id of the message, which its repeats bear too, else the body."""
    message = label(body, "guid")
    key = f"message:{message}" if message is not None else body_key(delivery.body)
    about = {name: order[name] for name in _RECORDED if not isinstance(order.get(name), dict | list | None)}
    place = hint(body, "details").get("restaurantGuid")
    details = {"restaurantGuid": place if isinstance(place, str) else None, "order": {**about, "checks": [check]}}
    named = {name: body[name] for name in ("timestamp", "eventType", "guid") if isinstance(body.get(name), str)}
    return Envelope(delivery, NAME, f"{key}:{check_id}", canonical({**named, "details": details}).decode())


def _changed_at(envelope: Envelope, body: JsonObject, order: JsonObject, check: JsonObject, where: str) -> datetime:
    """The later of a check's change and its order's: one that is voided may leave its checks as they are."""
    told = [(one, at) for one, at in ((check, where), (order, "details.order.")) if first_given(one, "modifiedDate")[1]]
    if not told:
        return envelope.when(body, "timestamp")
    return max(envelope.when(one, "modifiedDate", where=at) for one, at in told)


def _is_paid(check: JsonObject) -> bool:
    status = check.get("paymentStatus")
    return str(status).upper() in _PAID if status else bool(check.get("paidDate"))


def _paid_back(check: JsonObject, currency: str, where: str) -> Money:
    """What its payments say of refunds; a tip's is a tip's."""
    payments = objects(check, "payments", where)
    backs = [
        _money(hint(one, "refund"), "refundAmount", currency, f"{where}payments[{n}].refund.") for n, one in enumerate(payments)
    ]
    return Money(sum(one.minor for one in backs), currency)


def _money(data: JsonObject, name: str, currency: str, where: str) -> Money:
    minor = minor_units(or_0(data, name), currency, f"{where}{name}")
    if minor < 0:
        raise BadInput(f"{where}{name} is negative; a check's amounts are not")
    return Money(minor, currency)


def _items(check: JsonObject, where: str) -> tuple[Item, ...]:
    """What was ordered and not voided. Toast's price is of all of a line."""
    chosen = [one for one in objects(check, "selections", where) if one.get("voided") is not True]
    return tuple([_item(one, f"{where}selections.") for one in chosen[:MAX_ITEMS] if one.get("displayName")])


def _item(selection: JsonObject, where: str) -> Item:
    price, quantity = selection.get("price"), selection.get("quantity")
    if price not in (None, "") and quantity not in (None, "", 0, 1):
        each = amount(price, f"{where}price") / (amount(quantity, f"{where}quantity") or 1)
        price = f"{each:.2f}" if abs(each) < _MOST_SHOWN else price
    line = {"product_id": hint(selection, "item").get("guid"), "name": selection.get("displayName")}
    return item({**line, "price": price, "quantity": quantity}, where)


def _guest(check: JsonObject, defaults: Defaults) -> People:
    customer = hint(check, "customer")
    named = (
        ("toast_customer_id", customer.get("guid")),
        ("email", customer.get("email")),
        ("phone", _phone(customer)),
        ("loyalty_id", hint(check, "appliedLoyaltyInfo").get("loyaltyIdentifier")),
    )
    return people(named, defaults.country)


def _phone(customer: JsonObject) -> object:
    """The number with its country, which stands beside it."""
    phone, code = customer.get("phone"), str(customer.get("phoneCountryCode") or "").strip().lstrip("+")
    if not isinstance(phone, str) or not code.isdecimal() or phone.strip().startswith(("+", "00")):
        return phone
    digits = "".join(filter(str.isdecimal, phone))
    return f"+{digits}" if digits.startswith(code) and len(digits) > len(code) + 9 else f"+{code}{digits}" if digits else None


def _facts(body: JsonObject, order: JsonObject, check: JsonObject, where: str) -> JsonObject:
    said = {name: check[name] for name in _OF_A_CHECK if check.get(name) not in (None, "")}
    said |= {name: order[name] for name in _OF_AN_ORDER if order.get(name) not in (None, "")}
    tips = [one.get("tipAmount") for one in objects(check, "payments", where) if isinstance(one.get("tipAmount"), int | float)]
    return {
        **said,
        "toast_order_id": order.get("guid"),
        "restaurant_id": hint(body, "details").get("restaurantGuid"),
        **({"tips": tips} if any(tips) else {}),
    }
