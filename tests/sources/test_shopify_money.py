"""What Shopify says of an order's money: what it comes to, what was paid back, and in whose currency."""

from typing import Any

import pytest

from app.domain.errors import BadInput
from app.domain.events import Money
from tests.sources.test_shopify import deliver

REFUNDS = {"x-shopify-topic": "refunds/create"}


def transaction(**changes: object) -> dict[str, Any]:
    return {"kind": "refund", "status": "success", "amount": "10.00", "currency": "EUR", **changes}


@pytest.mark.parametrize(
    ("transactions", "paid"),
    [
        ([], Money(0, "USD")),
        ([transaction()], Money(-1000, "EUR")),
        ([transaction(), transaction(amount="2.50")], Money(-1250, "EUR")),
        ([transaction(amount="-10.00")], Money(-1000, "EUR")),
        ([transaction(status="pending")], Money(0, "USD")),
        ([transaction(status="failure"), transaction(amount=3)], Money(-300, "EUR")),
        ([transaction(kind="void")], Money(0, "USD")),
        ([transaction(test=True)], Money(0, "USD")),
        ([transaction(amount_set={"shop_money": {"amount": "8.00", "currency_code": "GBP"}})], Money(-800, "GBP")),
    ],
)
def test_what_was_paid_back(transactions: list[dict[str, Any]], paid: Money) -> None:
    for headers in (REFUNDS, {}):
        (event,) = deliver({"id": 1, "order_id": 2, "refund_line_items": [], "transactions": transactions}, headers).events
        assert (event.type, event.total, event.order_id) == ("refund", paid, "2")


def test_a_refund_in_two_currencies_is_refused() -> None:
    with pytest.raises(BadInput, match="EUR, USD"):
        deliver({"order_id": 2, "transactions": [transaction(), transaction(currency="USD")]}, REFUNDS)


UPDATED = {"x-shopify-topic": "orders/updated"}


def test_an_update_says_what_an_edit_left_of_the_order() -> None:
    body = {"id": 2, "total_price": "148.50", "current_total_price": "120.00", "currency": "GBP", "email": "ann@mail.org"}
    (event,) = deliver(body, UPDATED).events
    assert event.total == Money(12000, "GBP")
    paid_back = {"id": 3, "transactions": [transaction(amount="28.50", currency="GBP")]}  # there is an event of its own of it
    event, given = deliver({**body, "refunds": [paid_back]}, UPDATED).events
    assert (event.total, given.total) == (Money(14850, "GBP"), Money(-2850, "GBP"))


def line(shop: str, paid: str | None = None) -> dict[str, Any]:
    """Of a refund; `paid` in yen."""
    told = {"shop_money": {"amount": shop, "currency_code": "GBP"}}
    return {
        "quantity": 1,
        "subtotal": float(shop),
        "subtotal_set": {**told, "presentment_money": {"amount": paid, "currency_code": "JPY"}} if paid else told,
    }


def refund(lines: list[dict[str, Any]], *paid: str, kept: str | None = None) -> dict[str, Any]:
    adjusted = [] if kept is None else [{"kind": "refund_discrepancy", "amount": kept, "tax_amount": "0.00"}]
    return {
        "refund_line_items": lines,
        "order_adjustments": adjusted,
        "transactions": [transaction(amount=amount, currency="GBP") for amount in paid],
    }


@pytest.mark.parametrize(
    ("placed", "left", "refunds", "total"),
    [
        ("148.50", "126.50", [refund([line("22.00")])], 12650),  # a line taken away before it was paid
        ("170.50", "148.50", [refund([line("22.00")])], 14850),  # exchanged for one of the same price
        ("160.50", "138.50", [refund([line("22.00")], "10.00")], 14850),  # for a cheaper one, and the rest paid back
        ("148.50", "126.50", [refund([line("22.00")], "22.00")], 14850),
        ("148.50", "126.50", [refund([line("22.00")], "10.00", kept="12.00")], 14850),  # came back for less than it cost
        ("148.50", "138.50", [refund([line("22.00")], "10.00", kept="12.00")], 14850),
        ("148.50", "148.50", [refund([], "10.00", kept="-10.00")], 14850),  # a present to somebody who complained
        ("148.50", "138.50", [refund([], "10.00", kept="-10.00")], 14850),
        ("148.50", "96.50", [refund([line("30.00")]), refund([line("22.00")], "12.00", "10.00")], 11850),
        ("148.50", "0.00", [refund([line("148.50")], "148.50")], 14850),
        ("148.50", "126.50", None, 12650),
    ],
)
def test_what_an_order_comes_to_beside_its_refunds(
    placed: str, left: str, refunds: list[dict[str, Any]] | None, total: int
) -> None:
    body = {"id": 2, "total_price": placed, "current_total_price": left, "currency": "GBP", "refunds": refunds}
    (event,) = deliver(body, UPDATED).events
    assert event.total == Money(total, "GBP")


@pytest.mark.parametrize(
    ("lines", "paid", "currency", "total"),
    [
        ([line("84.10", "16200")], "16200", "JPY", Money(-8410, "GBP")),
        ([line("84.10", "16200")], "8100", "JPY", Money(-4205, "GBP")),
        ([line("0.33", "64"), line("0.33", "64"), line("0.34", "64")], "192", "JPY", Money(-100, "GBP")),
        ([line("84.10", "16200")], "84.10", "GBP", Money(-8410, "GBP")),
        ([line("84.10")], "16200", "JPY", Money(-16200, "JPY")),  # at what rate is not said
        ([line("0.00", "0")], "16200", "JPY", Money(-16200, "JPY")),
    ],
)
def test_what_was_paid_back_in_the_buyers_currency_is_money_of_the_shops(
    lines: list[dict[str, Any]], paid: str, currency: str, total: Money
) -> None:
    body = {"id": 1, "order_id": 2, "refund_line_items": lines, "transactions": [transaction(amount=paid, currency=currency)]}
    (event,) = deliver(body, REFUNDS).events
    assert event.total == total


def test_a_refund_paid_in_both_currencies_is_one_amount() -> None:
    """A gift card gives back the shop's money, a card what it paid."""
    both = [transaction(amount="8100", currency="JPY"), transaction(amount="42.05", currency="GBP")]
    (event,) = deliver({"order_id": 2, "refund_line_items": [line("84.10", "16200")], "transactions": both}, REFUNDS).events
    assert event.total == Money(-8410, "GBP")


def test_nothing_paid_back_is_nothing_of_the_shops_currency() -> None:
    (event,) = deliver({"order_id": 2, **refund([line("84.10", "16200")])}, REFUNDS).events
    assert event.total == Money(0, "GBP")


def test_a_refund_is_one_in_whichever_body_it_is_told() -> None:
    paid = {"id": 3, "order_id": 2, "refund_line_items": [], "transactions": [transaction()]}
    order = {"id": 2, "total_price": "50.00", "currency": "EUR", "refunds": [paid, {"id": 4, "transactions": []}]}
    (told,) = deliver(paid, REFUNDS | {"x-shopify-webhook-id": "w1"}).events
    (again,) = deliver(paid, REFUNDS | {"x-shopify-webhook-id": "w2"}).events
    updated, within = deliver(order, UPDATED | {"x-shopify-webhook-id": "w3"}).events
    assert (updated.type, within.type, within.total) == ("order_updated", "refund", Money(-1000, "EUR"))
    assert told.event_id == again.event_id == within.event_id
    (waiting,) = deliver(paid | {"transactions": [transaction(status="pending")]}, REFUNDS).events
    assert (waiting.total, waiting.event_id == told.event_id) == (Money(0, "USD"), False)
    (of_another,) = deliver(paid | {"order_id": 5}, REFUNDS).events
    assert of_another.event_id != told.event_id
    assert len(deliver({name: value for name, value in order.items() if name != "id"}, UPDATED).events) == 1, "of no order"
    for topic in ("orders/create", "orders/cancelled"):
        assert len(deliver(order, {"x-shopify-topic": topic}).events) == 1
