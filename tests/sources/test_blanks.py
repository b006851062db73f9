"""What says nothing teaches nothing: a null or blank field is read as one that is not there, and hides none."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.events import Event, Money
from app.sources import canonical, segment, tracking
from app.sources.base import Defaults, Delivery
from tests.sources.test_shopify import deliver as shopify
from tests.sources.test_tills import lightspeed
from tests.sources.test_toast import CHECK, body, read

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NOTHING = pytest.mark.parametrize("nothing", [None, "", "  "])
ORDER: dict[str, Any] = {"id": 1, "email": "a@example.com", "total_price": "10.00", "line_items": []}
BILLING = {"first_name": "Ann", "city": "Leeds", "country_code": "GB"}


def sent(module: Any, told: dict[str, Any]) -> Event:
    (event,) = module.parse(Delivery("demo", {}, json.dumps(told).encode(), NOW, "req-1"), Defaults()).events
    assert isinstance(event, Event)
    return event


@NOTHING
def test_an_order_is_not_called_off_by_a_blank(nothing: str | None) -> None:
    (event,) = shopify({**ORDER, "cancelled_at": nothing}, {"x-shopify-topic": "orders/create"}).events
    assert (event.type, event.total) == ("purchase", Money(1000, "USD"))


@NOTHING
def test_the_names_on_a_bill_are_not_hidden_by_a_customers_blanks(nothing: str | None) -> None:
    customer = {"first_name": nothing, "default_address": {"country_code": nothing, "country": "Wales"}}
    (event,) = shopify({**ORDER, "first_name": "Ann", "customer": customer}).events
    assert dict(event.attributes) == {"first_name": "Ann", "country": "Wales"}


@NOTHING
def test_a_total_or_a_quantity_that_is_blank_is_no_reason_to_lose_an_order(nothing: str | None) -> None:
    told = {"total_price_set": {"shop_money": {"amount": nothing}}, "line_items": [{"product_id": 1, "quantity": nothing}]}
    (event,) = shopify({**ORDER, **told}).events
    assert (event.total, event.items[0].quantity) == (Money(1000, "USD"), 1)


@NOTHING
def test_a_refund_is_told_by_the_buyers_money_where_the_shops_is_not(nothing: str | None) -> None:
    shop = {"shop_money": {"amount": nothing, "currency_code": "GBP"}}
    paid = {"kind": "refund", "status": "success", "amount": "3.00", "currency": "EUR", "amount_set": shop}
    (event,) = shopify({"id": 7, "order_id": 1, "transactions": [paid]}, {"x-shopify-topic": "refunds/create"}).events
    assert event.total == Money(-300, "EUR")


@NOTHING
def test_what_stands_on_both_levels_of_an_event_is_not_hidden_by_a_blank(nothing: str | None) -> None:
    told = {"order_id": "o-1", "total": 5, "currency": "EUR"}
    blank = dict.fromkeys(told, nothing)
    who = {"email": "a@example.com", "timestamp": "2026-11-20T00:00:00Z"}
    for event in (
        sent(tracking, {**who, "event": "purchase", "properties": told, **blank}),
        sent(tracking, {**who, "event": "purchase", "properties": blank, "ecommerce": told}),
        sent(canonical, {**who, "type": "purchase", "properties": blank, **told}),
    ):
        assert (event.total, event.order_id) == (Money(500, "EUR"), "o-1")
        assert json.loads(event.properties)["total"] == 5


@NOTHING
def test_an_attribute_is_not_blanked(nothing: str | None) -> None:
    who = {"email": "a@example.com"}
    assert sent(canonical, {**who, "type": "page_view", "attributes": {"city": nothing}}).attributes == ()
    told = {**who, "event": "page_view", "first_name": nothing, "traits": {"firstName": "Ann"}}
    assert sent(tracking, told).attributes == (("first_name", "Ann"),)


@NOTHING
def test_a_blank_time_of_sending_moves_no_event(nothing: str | None) -> None:
    message = {"type": "page", "userId": "u-1", "timestamp": "2026-11-20T00:00:00Z", "sentAt": nothing}
    batch = json.dumps({"batch": [message], "sentAt": nothing}).encode()
    (event,) = segment.parse(Delivery("demo", {}, batch, NOW, "req-1"), None, Defaults()).events
    assert (event.type, event.occurred_at) == ("page", datetime(2026, 11, 20, tzinfo=UTC))


@NOTHING
def test_a_checks_blank_times_do_not_hide_its_orders(nothing: str | None) -> None:
    check = {**CHECK, "paidDate": nothing, "closedDate": nothing, "openedDate": nothing}
    bought = read(body(check, order={"openedDate": "2026-09-01T18:00:00Z"})).events[0]
    assert bought.occurred_at == datetime(2026, 9, 1, 18, tzinfo=UTC)
    stands = read(body({**CHECK, "modifiedDate": nothing})).events[1]
    assert stands.occurred_at == datetime(2026, 9, 1, 19, 0, 1, tzinfo=UTC)


@NOTHING
def test_a_sales_customer_is_known_by_the_id_beside_a_blank_one(nothing: str | None) -> None:
    event = lightspeed(customer_id="c-9", customer={"id": nothing, "customer_code": "ANN-1"}).events[0]
    assert [one.value for one in event.identifiers] == ["c-9"]


@NOTHING
def test_what_comes_out_blank_of_an_update_is_not_told_of_its_order(nothing: str | None) -> None:
    told = {**ORDER, "updated_at": "2026-11-20T00:00:00Z", "total_price": nothing, "current_total_price": nothing}
    (event,) = shopify(told, {"x-shopify-topic": "orders/updated"}).events
    assert (event.type, event.total) == ("order_updated", None)
