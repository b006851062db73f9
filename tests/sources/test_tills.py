"""Square's and Lightspeed's tills, in their own words."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from app.domain.errors import BadInput
from app.domain.events import Money
from app.domain.identifiers import Identifier
from app.sources import pos
from app.sources.base import Defaults, Delivery, Parsed

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "pos"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
PAID: dict[str, Any] = json.loads((PAYLOADS / "01_square_payment_updated.json").read_bytes())
SOLD: dict[str, str] = dict(parse_qsl((PAYLOADS / "04_lightspeed_x_sale_update.form").read_text()))
SALE: dict[str, Any] = json.loads(SOLD["payload"])
MERLIN = {"id": "c1", "given_name": "Merlin", "family_name": "Ambrosius", "email_address": "m@example.com"}


def read(body: bytes, country: str = "GB") -> Parsed:
    return pos.parse(Delivery("demo", {}, body, NOW, "req-1"), Defaults("GBP", country))


def square(type_: str = "payment.updated", key: str = "e1", **payment: object) -> Parsed:
    told = {**PAID["data"]["object"]["payment"], **payment}
    return read(json.dumps({**PAID, "type": type_, "event_id": key, "data": {"object": {"payment": told}}}).encode())


def customer(type_: str = "customer.updated", beside: object = None, **told: object) -> Parsed:
    thing = {"customer": {**MERLIN, **told}, "event_context": beside}
    return read(json.dumps({**PAID, "type": type_, "data": {"object": thing}}).encode())


def lightspeed(form: dict[str, str] = SOLD, **sale: object) -> Parsed:
    return read(urlencode({**form, "payload": json.dumps({**SALE, **sale})}).encode())


def test_squares_payment_is_a_purchase_and_what_it_comes_to_by_now() -> None:
    bought, stands = read((PAYLOADS / "01_square_payment_updated.json").read_bytes()).events
    assert (bought.type, bought.total, bought.order_id) == ("purchase", Money(1450, "GBP"), "KkAkhdMsgz1")
    assert (stands.type, stands.total, stands.order_id) == ("order_updated", Money(1250, "GBP"), "KkAkhdMsgz1")
    assert bought.identifiers == stands.identifiers
    assert set(bought.identifiers) == {
        Identifier("square_customer_id", "SQCUST0001"), Identifier("email", "zoe.angstrom@example.com"),
    }  # fmt: skip
    assert (bought.source, bought.occurred_at) == ("square", datetime(2026, 9, 1, 9, 59, 58, tzinfo=UTC))
    assert (stands.occurred_at - bought.occurred_at, stands.revision) == (timedelta(seconds=2), 3)
    assert json.loads(stands.properties)["refunded"] == 2.0


def test_a_payment_is_bought_once_and_told_as_often_as_it_changes() -> None:
    first, second = square(key="e1", version=1).events, square(key="e2", version=2).events
    assert first[0].event_id == second[0].event_id
    assert first[1].event_id != second[1].event_id
    assert square(key="e1", version=1).events[1].event_id == first[1].event_id


def test_the_minor_units_of_a_payment_are_its_currencys() -> None:
    yen = {"amount": 1450, "currency": "JPY"}
    assert square(total_money=yen, refunded_money=None).events[1].total == Money(1450, "JPY")
    assert square(total_money=None, amount_money=yen, refunded_money=None).events[0].total == Money(1450, "JPY")


@pytest.mark.parametrize("status", ["APPROVED", "PENDING", "CANCELED", "FAILED", None])
def test_a_payment_that_was_not_taken_brings_nothing_and_names_its_customer(status: str | None) -> None:
    (event,) = square(status=status).events
    assert (event.type, event.total, event.order) == ("payment", None, None)
    assert event.identifiers


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "payment.id is missing"),
        ({"total_money": None, "amount_money": None}, "payment.amount_money.amount is missing"),
        ({"total_money": {"amount": None, "currency": "GBP"}}, "payment.total_money.amount is missing"),
        ({"total_money": {"amount": False, "currency": "GBP"}}, "payment.total_money.amount: bool is no amount"),
        ({"refunded_money": {"amount": [], "currency": "GBP"}}, "payment.refunded_money.amount: list is no amount"),
        ({"total_money": {"amount": 14.5, "currency": "GBP"}}, "payment.total_money.amount"),
        ({"total_money": {"amount": -1, "currency": "GBP"}}, "payment.total_money.amount is negative"),
        ({"total_money": {"amount": 10**15, "currency": "GBP"}}, "payment.total_money.amount"),
        ({"total_money": {"amount": 1, "currency": "POUND"}}, "payment.total_money.currency"),
        ({"refunded_money": {"amount": 1, "currency": "EUR"}}, "payment.refunded_money is in EUR"),
        ({"created_at": "yesterday"}, "payment.created_at"),
    ],
)
def test_a_payment_that_cannot_be_read_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        square(**change)


def test_squares_customer() -> None:
    (event,) = customer(
        phone_number="07700 900456",
        address={"locality": "Leeds", "country": "GB"},
        birthday="1990-03-01",
        updated_at="2026-09-01T10:00:00Z",
    ).events
    assert event.type == "customer_updated"
    assert set(event.identifiers) == {
        Identifier("square_customer_id", "c1"), Identifier("email", "m@example.com"), Identifier("phone", "447700900456"),
    }  # fmt: skip
    assert dict(event.attributes) == {
        "first_name": "Merlin", "last_name": "Ambrosius", "city": "Leeds", "country": "GB", "birthday": "1990-03-01",
    }  # fmt: skip
    assert ("email_consent", "unsubscribed") in customer(preferences={"email_unsubscribed": True}).events[0].attributes


def test_whoever_is_in_squares_loyalty_program_has_a_phone() -> None:
    account = {"id": "acc-1", "customer_id": "c1", "mapping": {"phone_number": "+447700900456"}, "balance": 10}
    told = {**PAID, "type": "loyalty.account.created", "data": {"object": {"loyalty_account": account}}}
    (event,) = read(json.dumps(told).encode()).events
    assert (event.type, event.identifiers) == (
        "customer_updated",
        (Identifier("square_customer_id", "c1"), Identifier("phone", "447700900456")),
    )
    account["mapping"] = account["customer_id"] = None
    assert read(json.dumps(told).encode()) == Parsed((), ignored=("loyalty.account.created",))


def test_customers_that_square_merged_are_one_by_their_ids_alone() -> None:
    merge = {"merge": {"from_customer_ids": ["c1", "c2"], "to_customer_id": "c3"}}
    told, merged = customer("customer.created", merge, id="c3").events
    assert (told.type, told.joins, merged.type, merged.joins) == ("customer_updated", False, "customers_merged", True)
    assert merged.identifiers == tuple(Identifier("square_customer_id", one) for one in ("c3", "c1", "c2"))
    assert customer("customer.deleted", merge).events[0].identifiers == merged.identifiers
    for odd in ({"merge": {"from_customer_ids": []}}, {"merge": {"from_customer_ids": "c1", "to_customer_id": "c3"}}, [], {}):
        assert customer("customer.deleted", odd) == Parsed((), ignored=("customer.deleted",))
        assert len(customer("customer.created", odd).events) == 1


@pytest.mark.parametrize(
    "type_", ["refund.created", "refund.updated", "order.updated", "customer.deleted", "loyalty.event.created"]
)
def test_other_notices_of_squares_are_passed_over(type_: str) -> None:
    assert square(type_=type_) == Parsed((), ignored=(type_,))


def test_lightspeeds_sale_is_a_purchase_of_its_prices_and_tax() -> None:
    bought, stands = read((PAYLOADS / "04_lightspeed_x_sale_update.form").read_bytes()).events
    assert (bought.type, bought.total, bought.order_id, bought.source) == (
        "purchase",
        Money(950, "GBP"),
        SALE["id"],
        "lightspeed",
    )
    assert (stands.type, stands.total, stands.revision) == ("order_updated", Money(950, "GBP"), 48211)
    assert set(bought.identifiers) == {
        Identifier("lightspeed_customer_id", SALE["customer_id"]), Identifier("phone", "447700900456"),
    }  # fmt: skip
    assert dict(bought.attributes) == {"first_name": "Owain", "last_name": "Prys"}


def test_a_sale_is_bought_once_and_told_as_often_as_its_version_moves() -> None:
    first, again, second = (lightspeed(version=version).events for version in (1, 1, 2))
    assert first[0].event_id == again[0].event_id == second[0].event_id
    assert first[1].event_id == again[1].event_id != second[1].event_id


def test_what_a_sale_without_a_version_had_become_is_told_by_all_that_it_says() -> None:
    one, again, other = (lightspeed(version=None, total_price=price).events[1] for price in (10, 10, 12))
    assert one.event_id == again.event_id != other.event_id


def test_the_lines_of_a_sale() -> None:
    line = {"product_id": "p1", "name": "Scarf", "quantity": 2, "price": 3.96, "tax": 0.79}
    bought, _ = lightspeed(register_sale_products=[line]).events
    assert [(one.product_id, one.name, one.quantity, one.price) for one in bought.items] == [("p1", "Scarf", 2, "3.96")]


def test_whoever_gives_no_name_is_nobody() -> None:
    bought, _ = lightspeed(customer={"id": "0adf", "customer_code": "WALKIN", "first_name": "Walk-in"}).events
    assert (bought.identifiers, bought.attributes) == ((), ())
    (nobody, _) = lightspeed(customer=None).events  # its `customer_id` may well be the walk-in's
    assert nobody.identifiers == ()
    notice = {**SOLD, "type": "customer.update", "payload": json.dumps({"id": "0adf", "customer_code": "WALKIN"})}
    assert read(urlencode(notice).encode()) == Parsed((), ignored=("customer.update",))


def test_what_comes_back_is_a_refund_of_what_it_came_from() -> None:
    (event,) = lightspeed(id="b2", return_for=SALE["id"], totals={"total_price": -7.92, "total_tax": -1.58}).events
    assert (event.type, event.total, event.order_id) == ("refund", Money(-950, "GBP"), SALE["id"])
    (again,) = lightspeed(id="b2", return_for=SALE["id"], totals={"total_price": -7.92, "total_tax": -1.58}, version=9).events
    assert again.event_id == event.event_id


def test_a_voided_return_is_told_with_what_takes_it_back() -> None:
    back = {"id": "b2", "return_for": SALE["id"], "totals": {"total_price": -7.92, "total_tax": -1.58}}
    (event,) = lightspeed(**back).events
    again, taken_back = lightspeed(**back, status="VOIDED", version=9).events
    assert again.event_id == event.event_id != taken_back.event_id
    assert (taken_back.type, taken_back.total, taken_back.order_id) == ("refund", Money(950, "GBP"), SALE["id"])


@pytest.mark.parametrize(
    ("status", "type_"), [("VOIDED", "order_cancelled"), ("SAVED", "sale"), ("LAYBY", "sale"), ("ONACCOUNT", "sale")]
)
def test_a_sale_that_is_not_closed_brings_nothing(status: str, type_: str) -> None:
    (event,) = lightspeed(status=status).events
    assert (event.type, event.total, event.order_id) == (type_, None, SALE["id"] if status == "VOIDED" else None)


@pytest.mark.parametrize("status", ["CLOSED", "LAYBY_CLOSED", "ONACCOUNT_CLOSED", "closed"])
def test_however_a_sale_was_closed_it_is_bought(status: str) -> None:
    assert [event.type for event in lightspeed(status=status).events] == ["purchase", "order_updated"]


def test_a_notice_that_does_not_say_what_it_is_is_told_by_what_it_holds() -> None:
    assert len(lightspeed({"payload": ""}).events) == 2
    known = {"payload": json.dumps({"id": "c1", "customer_code": "Owain-X8", "email": "o@example.com", "do_not_email": True})}
    (event,) = read(urlencode(known).encode()).events
    assert (event.type, dict(event.attributes)) == ("customer_updated", {"email_consent": "unsubscribed"})
    assert read(urlencode({"payload": '{"id": "p1", "sku": "x"}'}).encode()) == Parsed((), ignored=("no_sale",))
    assert read(urlencode({"payload": '{"id": "p1"}', "type": "product.update"}).encode()) == Parsed(
        (), ignored=("product.update",)
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"payload=%7B", "not valid JSON"),
        (b"payload=%5B%5D", "must be a JSON object"),
        (urlencode({"payload": json.dumps({**SALE, "id": ""})}).encode(), "the sale's id is missing"),
        (urlencode({"payload": json.dumps({**SALE, "totals": {"total_price": "much"}})}).encode(), "totals.total_price"),
        (urlencode({"payload": json.dumps({**SALE, "totals": None})}).encode(), "totals.total_price is missing"),
        (urlencode({"payload": json.dumps({**SALE, "totals": {"total_price": 1, "total_tax": []}})}).encode(), "total_tax"),
        (b"check_in_at=2024", "not valid JSON"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(body)


def test_json_is_read_as_json_whatever_stands_in_it() -> None:
    """curl calls everything a form."""
    (event,) = read(b'{"total": 5, "loyalty_id": "L1", "note": "payload=1"}').events
    assert (event.type, event.source) == ("purchase", "pos")
