"""Tills that tell a sale anew whenever it changes, over HTTP and in the graph: late, twice, and before anybody knows whose."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.ingest.conftest import Shop
from tests.sources.test_toast import CHECK
from tests.sources.test_toast import body as toast_message

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "pos"
SQUARE: dict[str, Any] = json.loads((PAYLOADS / "01_square_payment_updated.json").read_bytes())
LIGHTSPEED = (PAYLOADS / "04_lightspeed_x_sale_update.form").read_bytes()
FORM = {"content_type": "application/x-www-form-urlencoded; charset=UTF-8"}
TILL = "/api/integrations/pos"


def paid(key: str, **changes: object) -> dict[str, Any]:
    payment = {**SQUARE["data"]["object"]["payment"], **changes}
    return {**SQUARE, "event_id": key, "data": {**SQUARE["data"], "object": {"payment": payment}}}


def sold(version: int, price: float, **changes: object) -> bytes:
    form = dict(parse_qsl(LIGHTSPEED.decode()))
    sale = {**json.loads(form["payload"]), "version": version, "totals": {"total_price": price, "total_tax": 0}, **changes}
    return urlencode({**form, "payload": json.dumps(sale)}).encode()


async def spent(shop: Shop, profile_id: str, currency: str = "GBP") -> tuple[float, int]:
    profile = await shop.get(f"/api/profiles/{profile_id}")
    return profile["lifetime_values"].get(currency, 0), profile["total_orders"]


async def test_squares_payment_comes_to_what_was_not_paid_back(shop: Shop) -> None:
    bought, stands = await shop.events(TILL, (PAYLOADS / "01_square_payment_updated.json").read_bytes())
    assert [(one["type"], one["outcome"]) for one in (bought, stands)] == [("purchase", "created"), ("order_updated", "attached")]
    assert await spent(shop, bought["profile_id"]) == (12.5, 1)
    (order,) = (await shop.get(f"/api/profiles/{bought['profile_id']}/360"))["orders"]
    assert (order["order_id"], order["total"], order["currency"]) == ("KkAkhdMsgz1", 12.5, "GBP")
    again = await shop.events(TILL, (PAYLOADS / "01_square_payment_updated.json").read_bytes())
    assert [one["outcome"] for one in again] == ["duplicate", "duplicate"]
    await shop.check_laws()


async def test_a_sender_without_headers_names_the_brand_in_its_path(shop: Shop) -> None:
    for name in ("square", "lightspeed", "pos"):
        answer = await shop.client.post(f"/api/integrations/{name}/webhook/{shop.brand_id}", json=SQUARE)
        assert answer.status_code == 200, answer.text
    assert await shop.count("Event") == 2


async def test_whoever_a_payment_names_afterwards_bought_it(shop: Shop) -> None:
    """Square knows the customer when the card was read, and tells of the payment before."""
    nobody = paid(
        "e1", customer_id=None, buyer_email_address=None, refunded_money=None, version=1, updated_at="2026-09-01T09:59:59Z"
    )
    assert [one["outcome"] for one in await shop.events(TILL, nobody)] == ["unidentified", "unidentified"]
    _, named = await shop.events(TILL, paid("e2", refunded_money=None, version=2))
    assert named["outcome"] == "created"
    assert await spent(shop, named["profile_id"]) == (14.5, 1)
    events = await shop.ask("MATCH (e:Event {brand_id: $brand})-[:ATTACHED_TO]->(p) RETURN e.type AS type, p.profile_id AS home")
    assert {row["home"] for row in events} == {named["profile_id"]}
    assert sorted(row["type"] for row in events) == ["order_updated", "order_updated", "purchase"]
    await shop.check_laws()


@pytest.mark.parametrize("order", list(permutations([(48210, 5.0), (48211, 7.5), (48212, 9.5)])))
async def test_the_highest_version_of_a_sale_counts(shop: Shop, order: list[tuple[int, float]]) -> None:
    for version, price in order:
        bought, _ = await shop.events(TILL, sold(version, price), **FORM)
    assert await spent(shop, bought["profile_id"], "USD") == (9.5, 1)
    assert await shop.count("Event") == 4
    await shop.check_laws()


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("of_a_sale", [True, False], ids=["of a sale", "of none"])
async def test_a_return_that_is_voided_gave_nothing_back(shop: Shop, order: tuple[int, ...], of_a_sale: bool) -> None:
    sale_id = json.loads(dict(parse_qsl(LIGHTSPEED.decode()))["payload"])["id"]
    back = {"id": "r1", "return_for": sale_id if of_a_sale else None}
    told = [sold(1, 20), sold(2, -8, **back), sold(3, -8, **back, status="VOIDED")]
    for one in order:
        event, *_ = await shop.events(TILL, told[one], **FORM)
    assert await spent(shop, event["profile_id"], "USD") == (20.0, 1)
    (sale,) = (await shop.get(f"/api/profiles/{event['profile_id']}/360"))["orders"]
    assert (sale["status"], sale["total"], sale["refunded"]) == ("placed", 20.0, 0.0)
    await shop.check_laws()


async def test_lightspeeds_form_is_read_and_its_empty_email_is_nobody(shop: Shop) -> None:
    bought, _ = await shop.events(TILL, LIGHTSPEED, **FORM)
    profile = await shop.get(f"/api/profiles/{bought['profile_id']}")
    assert "email" not in profile["identifiers"]
    assert profile["identifiers"]["lightspeed_customer_id"] == "0adfd74a-0000-11ef-8000-0000000000aa"
    assert (profile["lifetime_values"], profile["attributes"]["first_name"]) == ({"USD": 9.5}, "Owain")


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_each_guest_of_a_toast_order_pays_their_own_check(shop: Shop, order: tuple[int, ...]) -> None:
    bo = {**CHECK, "guid": "check-2", "totalAmount": 10, "customer": {"guid": "g-bo", "email": "bo@example.com"}}
    later = {"modifiedDate": "2026-09-02T10:00:00.000+0000", "payments": [{"amount": 42.5, "refund": {"refundAmount": 12.5}}]}
    told = [
        toast_message({**CHECK, "paymentStatus": "OPEN"}, {**bo, "paymentStatus": "OPEN"}, guid="m-1"),
        toast_message(CHECK, bo, guid="m-2"),
        toast_message({**CHECK, **later}, {**bo, **later, "payments": [], "voided": True}, guid="m-3"),
    ]
    for one in order:
        events = await shop.events(TILL, told[one])
    assert {one["outcome"] for one in await shop.events(TILL, told[order[-1]])} == {"duplicate"}
    ann, called_off = events[0]["profile_id"], events[-1]["profile_id"]
    assert await spent(shop, ann, "USD") == (30.0, 1)
    assert await spent(shop, called_off, "USD") == (0, 0)
    assert len(await shop.get("/api/profiles")) == 2
    await shop.check_laws()
