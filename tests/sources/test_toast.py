"""Toast's orders, in the shape of its documentation: each check is a guest's own purchase."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.domain.events import Money
from app.domain.identifiers import Identifier
from app.sources import pos
from app.sources.base import Defaults, Delivery, Parsed
from tests.sources.test_laws import VALUES, held

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ANN = {
    "guid": "g-ann", "entityType": "Customer", "firstName": "Ann", "lastName": "Lee", "phone": "6175550100",
    "phoneCountryCode": "1", "email": "Ann@example.com",
}  # fmt: skip
CHECK: dict[str, Any] = {
    "guid": "check-1", "entityType": "Check", "displayNumber": "12", "paymentStatus": "CLOSED", "amount": 40, "taxAmount": 2.5,
    "totalAmount": 42.5, "openedDate": "2026-09-01T18:00:00.000+0000", "paidDate": "2026-09-01T19:00:00.000+0000",
    "modifiedDate": "2026-09-01T19:00:01.500+0000", "voided": False, "deleted": False,
    "deletedDate": "1970-01-01T00:00:00.000+0000", "customer": ANN,
    "appliedLoyaltyInfo": None, "payments": [{"guid": "p1", "amount": 42.5, "tipAmount": 8, "refund": None}],
    "selections": [
        {"guid": "s1", "item": {"guid": "i-soup"}, "displayName": "Soup", "quantity": 2, "price": 25, "voided": False},
        {"guid": "s2", "item": {"guid": "i-wine"}, "displayName": "Wine", "quantity": 1, "price": 15, "voided": True},
    ],
}  # fmt: skip
ORDER: dict[str, Any] = {
    "guid": "order-1", "entityType": "Order", "source": "In Store", "businessDate": 20260901, "voided": False, "deleted": False,
    "createdInTestMode": False, "openedDate": "2026-09-01T18:00:00.000+0000", "modifiedDate": "2026-09-01T19:00:01.000+0000",
}  # fmt: skip


def body(*checks: dict[str, Any], guid: str = "m-1", order: object = None, **beside: object) -> dict[str, Any]:
    told = {**ORDER, "checks": list(checks), **(order if isinstance(order, dict) else {})}
    return {
        "timestamp": "2026-09-01T19:00:02.050Z", "eventCategory": "order_updated", "eventType": "order_updated", "guid": guid,
        "details": {"restaurantGuid": "r-1", "order": told}, **beside,
    }  # fmt: skip


def read(message: dict[str, Any], country: str = "US") -> Parsed:
    return pos.parse(Delivery("demo", {}, json.dumps(message).encode(), NOW, "req-1"), Defaults("USD", country))


def check(**changes: object) -> Parsed:
    return read(body({**CHECK, **changes}))


def test_a_check_that_is_paid_is_a_purchase_and_what_it_comes_to_by_now() -> None:
    bought, stands = check().events
    assert (bought.type, bought.source, bought.order_id, bought.total) == ("purchase", "toast", "check-1", Money(4250, "USD"))
    assert (stands.type, stands.order_id, stands.total) == ("order_updated", "check-1", Money(4250, "USD"))
    assert set(bought.identifiers) == set(stands.identifiers) == {
        Identifier("toast_customer_id", "g-ann"), Identifier("email", "ann@example.com"), Identifier("phone", "16175550100"),
    }  # fmt: skip
    assert dict(bought.attributes) == {"first_name": "Ann", "last_name": "Lee"}
    assert [(one.product_id, one.name, one.quantity, one.price) for one in bought.items] == [("i-soup", "Soup", 2, "12.50")]
    assert (bought.occurred_at.hour, stands.occurred_at.microsecond) == (19, 500_000)
    said = json.loads(bought.properties)
    assert (said["toast_order_id"], said["restaurant_id"], said["source"], said["tips"]) == ("order-1", "r-1", "In Store", [8])


def test_each_check_is_its_guests_own() -> None:
    bo = {**CHECK, "guid": "check-2", "totalAmount": 10, "customer": {"guid": "g-bo", "email": "bo@example.com"}}
    events = read(body(CHECK, bo)).events
    assert [(one.order_id, one.type, one.total) for one in events] == [
        (order, type_, Money(minor, "USD"))
        for order, minor in (("check-1", 4250), ("check-2", 1000))
        for type_ in ("purchase", "order_updated")
    ]
    assert len({one.event_id for one in events}) == 4
    assert not set(events[0].identifiers) & set(events[2].identifiers)
    assert "bo@example.com" not in events[0].raw
    assert "ann@example.com" not in events[2].raw.lower()


def test_versions_of_a_check_are_one_purchase_and_the_later_says_what_it_comes_to() -> None:
    first, again = (read(body(CHECK, guid=guid)).events for guid in ("m-1", "m-1"))
    assert [one.event_id for one in first] == [one.event_id for one in again]
    paid_back = {"refundAmount": 12.5, "tipRefundAmount": 3, "refundDate": "2026-09-02T10:00:00.000+0000"}
    later = {**CHECK, "modifiedDate": "2026-09-02T10:00:00.000+0000", "payments": [{"amount": 42.5, "refund": paid_back}]}
    bought, stands = read(body(later, guid="m-2")).events
    assert (bought.event_id, bought.total) == (first[0].event_id, first[0].total)
    assert (stands.total, stands.event_id != first[1].event_id) == (Money(3000, "USD"), True)
    assert stands.occurred_at > first[1].occurred_at
    assert json.loads(stands.properties)["refunded"] == 12.5


@pytest.mark.parametrize("how", ["voided", "deleted"])
@pytest.mark.parametrize("whole", [True, False])
def test_what_is_voided_or_deleted_is_called_off(how: str, whole: bool) -> None:
    told = body({**CHECK, how: not whole}, order={how: whole, "modifiedDate": "2026-09-03T10:00:00.000+0000"})
    (event,) = read(told).events
    assert (event.type, event.order_id, event.total, event.occurred_at.day) == ("order_cancelled", "check-1", None, 3)
    assert event.identifiers


def test_what_is_not_paid_brings_nothing() -> None:
    (event,) = check(paymentStatus="OPEN", paidDate=None).events
    assert (event.type, event.order, event.total, len(event.identifiers)) == ("check", None, None, 3)
    assert check(paymentStatus="OPEN", customer=None) == Parsed((), ignored=("order_updated",))
    assert [one.type for one in check(paymentStatus=None).events] == ["purchase", "order_updated"]
    (tried,) = read(body(CHECK, order={"createdInTestMode": True})).events
    assert (tried.type, tried.order) == ("test_order", None)


@pytest.mark.parametrize(
    ("customer", "loyalty", "named"),
    [
        (None, None, []),
        ([], "L-1", []),
        ({"guid": None, "email": "", "phone": None}, {"loyaltyIdentifier": "L-1"}, ["L-1"]),
        ({"phone": "07700 900456", "phoneCountryCode": "44"}, None, ["447700900456"]),
        ({"phone": "+44 7700 900456", "phoneCountryCode": "1"}, None, ["447700900456"]),
        ({"phone": "16175550100", "phoneCountryCode": "+1"}, None, ["16175550100"]),
        ({"phone": "617-555-0100"}, None, ["16175550100"]),
        ({"phone": "-", "phoneCountryCode": "1"}, None, []),
    ],
)
def test_who_pays(customer: object, loyalty: object, named: list[str]) -> None:
    bought, _ = check(customer=customer, appliedLoyaltyInfo=loyalty).events
    assert [one.value for one in bought.identifiers] == named


@pytest.mark.parametrize("category", ["stock", "partners", "menus", "guest_order_fulfillment_status"])
def test_other_messages_are_passed_over(category: str) -> None:
    assert read(body(eventCategory=category, eventType=category)) == Parsed((), ignored=(category,))
    assert read(body()) == Parsed((), ignored=("order_updated",))


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (body({**CHECK, "guid": None}), r"checks\[0\].guid is missing"),
        (body({**CHECK, "totalAmount": None}), r"checks\[0\].totalAmount is missing"),
        (body({**CHECK, "totalAmount": False}), r"checks\[0\].totalAmount: bool is no amount"),
        (body({**CHECK, "totalAmount": "much"}), r"checks\[0\].totalAmount"),
        (body({**CHECK, "totalAmount": -1}), r"checks\[0\].totalAmount is negative"),
        (body({**CHECK, "modifiedDate": "today"}), r"checks\[0\].modifiedDate"),
        (body({**CHECK, "payments": [{"refund": {"refundAmount": "all"}}]}), r"payments\[0\].refund.refundAmount"),
        (body(*[CHECK] * 201), "at most 200"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused(message: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read(message)


PARTS = (CHECK, ORDER, ANN, CHECK["payments"][0], CHECK["selections"][0], {"refundAmount": 1})


@given(changes=st.tuples(*(st.dictionaries(st.sampled_from(sorted(part)), VALUES, max_size=2) for part in PARTS)))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_an_order_it_is_read_or_refused(changes: tuple[dict[str, Any], ...]) -> None:
    of_check, of_order, of_guest, of_payment, of_line, of_refund = changes
    payment = {**CHECK["payments"][0], "refund": of_refund, **of_payment}
    line = {**CHECK["selections"][0], **of_line}
    told = {**CHECK, "customer": {**ANN, **of_guest}, "payments": [payment], "selections": [line], **of_check}
    held(pos.parse, json.dumps(body(told, order=of_order)).encode())
