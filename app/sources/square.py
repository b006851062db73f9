"""Square's webhooks: payments, customers and who is in the loyalty program (developer.squareup.com/reference/square/webhooks).

A payment is told whole whenever it changes, with what of it was paid back; so webhooks of refunds are passed over, else they
would count twice. A merge of customers names them in its `event_context`. A sale that is paid by two cards is two payments.
Amounts are in minor units.
"""

from app.domain.errors import BadInput
from app.domain.events import CUSTOMER_UPDATED, CUSTOMERS_MERGED, Event, Money
from app.domain.money import currency_code, major, whole_minor
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.envelope import Envelope
from app.sources.people import Attributes, country_of, own_or_told, people
from app.sources.reading import JsonObject, body_key, body_text, first_text, hint, label, obj, or_0, revision, says_nothing
from app.sources.sale import Sale, no_amount, sale_events

NAME = "square"

_PAYMENTS = frozenset({"payment.created", "payment.updated"})
_CUSTOMERS = frozenset({"customer.created", "customer.updated"})
_DELETED = "customer.deleted"
_LOYALTY = frozenset({"loyalty.account.created", "loyalty.account.updated"})
_TAKEN = "COMPLETED"  # what was only authorised may still be left where it is
MAX_MERGED = 99  # customers that become another one: an event names a hundred
_NOT_TAKEN = "payment"  # an event that names its customer and brings nothing
_OF_A_PAYMENT = ("status", "source_type", "location_id", "receipt_number", "receipt_url", "team_member_id", "note")
_OF_A_CUSTOMER = ("creation_source", "reference_id", "company_name")


def is_from(body: JsonObject) -> bool:
    """Whether a body is one of Square's notices."""
    return "merchant_id" in body and isinstance(body.get("type"), str) and "object" in hint(body, "data")


def parse(delivery: Delivery, body: JsonObject, defaults: Defaults) -> Parsed:
    """The purchase of a payment that was taken and what it comes to by now, or what is said of a customer; other notices are
    none of ours. Raises BadInput."""
    notice = first_text(body, "type") or ""
    thing = obj(obj(body, "data"), "object", "data.")
    envelope = Envelope(delivery, NAME, _key(delivery, body), body_text(delivery.body))
    if notice in _PAYMENTS:
        return Parsed(_payment(envelope, obj(thing, "payment", "data.object."), defaults))
    events = []
    if notice in _CUSTOMERS:
        events.append(_customer(envelope, obj(thing, "customer", "data.object."), defaults))
    if notice in _LOYALTY:
        events += _member(envelope, obj(thing, "loyalty_account", "data.object."), defaults)
    if notice in _CUSTOMERS or notice == _DELETED:
        events += _merged(envelope, thing)
    return Parsed(tuple(events), () if events else (notice[:100],))


def _key(delivery: Delivery, body: JsonObject) -> str:
    """Square's id of the notice, which its repeats bear too; else the body itself."""
    notice = label(body, "event_id")
    return f"event:{notice}" if notice is not None else body_key(delivery.body)


def _payment(envelope: Envelope, payment: JsonObject, defaults: Defaults) -> tuple[Event, ...]:
    payment_id = label(payment, "id", where="payment.")
    if payment_id is None:
        raise BadInput("payment.id is missing; send the payment as Square does")
    total = _taken(payment, defaults.currency)
    back = _amount(payment, "refunded_money", total.currency)
    if back.currency != total.currency:
        raise BadInput(f"payment.refunded_money is in {back.currency}, the payment in {total.currency}; send one currency")
    billing = hint(payment, "billing_address")
    named = (("square_customer_id", payment.get("customer_id")), ("email", payment.get("buyer_email_address")))
    who, told = people(named, country_of(defaults.country, billing)), _told(billing, "first_name", "last_name", billing)
    facts = {
        **{name: payment[name] for name in _OF_A_PAYMENT if payment.get(name) is not None},
        "payment_id": payment_id,
        "square_order_id": payment.get("order_id"),
        "refunded": major(back.minor, back.currency),
    }
    changed_at = envelope.when(payment, "updated_at", "created_at", where="payment.")
    if payment.get("status") != _TAKEN:
        return (envelope.event(_NOT_TAKEN, changed_at, who, facts, attributes=told),)
    sold_at = envelope.when(payment, "created_at", where="payment.")
    left = Money(max(0, total.minor - back.minor), total.currency)
    return sale_events(envelope, Sale(payment_id, sold_at, changed_at, revision(payment), total, left), who, facts, told)


def _taken(payment: JsonObject, default_currency: str) -> Money:
    """The tip and all, where that is told. Raises BadInput."""
    name = "total_money" if payment.get("total_money") else "amount_money"
    if payment.get("status") == _TAKEN and says_nothing(obj(payment, name, "payment.").get("amount")):
        raise no_amount(f"payment.{name}.amount", "the payment as Square does")
    return _amount(payment, name, default_currency)


def _amount(payment: JsonObject, name: str, default_currency: str) -> Money:
    data = obj(payment, name, "payment.")
    currency = currency_code(data.get("currency"), default_currency, f"payment.{name}.currency")
    minor = whole_minor(or_0(data, "amount"), currency, f"payment.{name}.amount")
    if minor < 0:
        raise BadInput(f"payment.{name}.amount is negative; a payment's amounts are not")
    return Money(minor, currency)


def _customer(envelope: Envelope, customer: JsonObject, defaults: Defaults) -> Event:
    address = hint(customer, "address")
    named = (
        ("square_customer_id", customer.get("id")),
        ("email", customer.get("email_address")),
        ("phone", customer.get("phone_number")),
    )
    stopped = hint(customer, "preferences").get("email_unsubscribed") is True
    return envelope.event(
        CUSTOMER_UPDATED,
        envelope.when(customer, "updated_at", "created_at", where="customer."),
        people(named, country_of(defaults.country, address)),
        {name: customer[name] for name in _OF_A_CUSTOMER if customer.get(name) is not None},
        attributes=_told(customer, "given_name", "family_name", address) + ((("email_consent", "unsubscribed"),) * stopped),
    )


def _member(envelope: Envelope, account: JsonObject, defaults: Defaults) -> tuple[Event, ...]:
    """Whose account of the loyalty program it is: a customer, by the phone that they gave for it. Its id is Square's alone."""
    phone = hint(account, "mapping").get("phone_number")
    who = people((("square_customer_id", account.get("customer_id")), ("phone", phone)), defaults.country)
    at = envelope.when(account, "updated_at", "created_at", where="loyalty_account.")
    facts: JsonObject = {"loyalty_account_id": account.get("id"), "balance": account.get("balance")}
    return (envelope.event(CUSTOMER_UPDATED, at, who, facts),) if who.identifiers else ()


def _merged(envelope: Envelope, thing: JsonObject) -> tuple[Event, ...]:
    """Customers that were made one: Square makes a new one, tells of it, and of each that is gone. It is an event of their ids
    alone, since their addresses may be another's too."""
    merge = hint(hint(thing, "event_context"), "merge")
    kept, told = merge.get("to_customer_id"), merge.get("from_customer_ids")
    gone = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    if not gone or not isinstance(kept, str):
        return ()
    at = envelope.when(hint(thing, "customer"), "updated_at", "created_at", where="customer.")
    who = people((("square_customer_id", one) for one in (kept, *gone[:MAX_MERGED])), "")
    return (envelope.event(CUSTOMERS_MERGED, at, who, {}, part="merge", joins=True),)


def _told(person: JsonObject, first: str, last: str, address: JsonObject) -> Attributes:
    """Hints, as whatever is said beside a sale: none of another shape is a reason to lose it."""
    said = {"first_name": person.get(first), "last_name": person.get(last), "birthday": person.get("birthday")}
    return own_or_told({}, {**said, "city": address.get("locality"), "country": address.get("country")})
