"""The life of an order over HTTP and in the graph: placed, edited, paid back, called off; whoever comes first, and at once."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.conftest import Shop

SHOPIFY = "/api/integrations/shopify/webhook"
PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "shopify"
ORDER = 5500123400011


def body_of(number: str, **changes: object) -> dict[str, Any]:
    path = next(path for path in PAYLOADS.glob(f"{number}_*.json") if ".headers" not in path.name)
    return {**json.loads(path.read_text()), **changes}


async def tell(shop: Shop, topic: str, number: str, **changes: object) -> dict[str, Any]:
    return await shop.event(body_of(number, **changes), SHOPIFY, x_shopify_topic=topic)


async def place(shop: Shop) -> dict[str, Any]:
    return await tell(shop, "orders/create", "01")


async def update(shop: Shop, **changes: object) -> dict[str, Any]:
    return await tell(shop, "orders/updated", "05", **changes)


async def cancel(shop: Shop) -> dict[str, Any]:
    return await tell(shop, "orders/cancelled", "16")


async def refund(shop: Shop, order: int = ORDER) -> dict[str, Any]:
    return await tell(shop, "refunds/create", "17", order_id=order)


async def account(shop: Shop, profile_id: str) -> tuple[float, int]:
    profile = await shop.get(f"/api/profiles/{profile_id}")
    return profile["lifetime_values"].get("GBP", 0), profile["total_orders"]


async def order_of(shop: Shop, profile_id: str) -> dict[str, Any]:
    (order,) = (await shop.get(f"/api/profiles/{profile_id}/360"))["orders"]
    return {name: order[name] for name in ("status", "total", "refunded", "currency")}


async def test_an_order_is_placed_edited_paid_back_and_called_off(shop: Shop) -> None:
    placed = await place(shop)
    person = placed["profile_id"]
    assert await account(shop, person) == (148.5, 1)
    assert await order_of(shop, person) == {"status": "placed", "total": 148.5, "refunded": 0, "currency": "GBP"}

    updated = await update(shop, current_total_price="120.00")
    assert (updated["type"], updated["outcome"], updated["profile_id"]) == ("order_updated", "attached", person)
    assert await account(shop, person) == (120.0, 1)
    assert (await shop.get("/api/profiles?email=zoe.a@example.org"))[0]["profile_id"] == person

    paid_back = await refund(shop)
    assert (paid_back["type"], paid_back["outcome"], paid_back["profile_id"]) == ("refund", "attached", person)
    assert await account(shop, person) == (110.0, 1)
    assert await order_of(shop, person) == {"status": "partially_refunded", "total": 120.0, "refunded": 10.0, "currency": "GBP"}
    assert (await shop.get(f"/api/profiles/{person}/360"))["events"][0]["value"] == -10.0

    cancelled = await cancel(shop)
    assert (cancelled["type"], cancelled["outcome"], cancelled["profile_id"]) == ("order_cancelled", "attached", person)
    assert await account(shop, person) == (0, 0)
    assert (await order_of(shop, person))["status"] == "cancelled"
    assert [(await tell(shop, "orders/cancelled", "16"))["outcome"]] == ["duplicate"]
    await shop.check_laws()


async def test_an_edit_that_is_taken_back_leaves_the_order_as_it_came(shop: Shop) -> None:
    person = (await place(shop))["profile_id"]
    await update(shop, current_total_price="120.00")
    await update(shop, updated_at="2026-09-01T11:00:00Z")
    assert await account(shop, person) == (148.5, 1)
    assert (await order_of(shop, person))["total"] == 148.5
    await shop.check_laws()


async def test_whatever_comes_first_the_order_comes_to_the_same(shop: Shop) -> None:
    assert (await update(shop, current_total_price="120.00"))["outcome"] == "created"
    assert (await update(shop, current_total_price="130.00", updated_at="2026-09-01T10:15:00+01:00"))["outcome"] == "attached"
    await refund(shop)
    placed = await place(shop)
    assert await account(shop, placed["profile_id"]) == (110.0, 1)
    await shop.check_laws()


async def test_an_order_that_was_called_off_before_it_was_told_of_comes_to_nothing(shop: Shop) -> None:
    await cancel(shop)
    placed = await place(shop)
    assert await account(shop, placed["profile_id"]) == (0, 0)
    assert (await order_of(shop, placed["profile_id"]))["status"] == "cancelled"


async def test_a_refund_of_an_order_nobody_told_of_is_nobodys_until_the_order_comes(shop: Shop) -> None:
    early = await refund(shop)
    assert (early["outcome"], early["profile_id"]) == ("unidentified", None)
    person = (await place(shop))["profile_id"]
    assert await account(shop, person) == (138.5, 1)
    assert (await order_of(shop, person))["refunded"] == 10.0
    told = await shop.get(f"/api/profiles/{person}/360")
    assert [one["type"] for one in told["events"]] == ["refund", "purchase"]
    assert (await refund(shop))["outcome"] == "duplicate"
    await shop.check_laws()


async def test_an_order_and_its_refund_at_once(shop: Shop) -> None:
    """Two who tell of one order at the same moment wait for one another: neither misses the other."""
    orders = [ORDER + n for n in range(20)]
    told = [tell(shop, "orders/create", "01", id=order, updated_at=None) for order in orders]
    told += [tell(shop, "refunds/create", "17", id=order, order_id=order) for order in orders]
    answers = await asyncio.gather(*told)
    person = answers[0]["profile_id"]
    assert await account(shop, person) == (20 * 138.5, 20)


async def test_what_shopify_tells_by_two_subscriptions_counts_once(shop: Shop) -> None:
    """Each has a delivery id of its own, and so does one that is set up anew."""
    told = [("orders/create", body_of("01")), ("refunds/create", body_of("17", order_id=ORDER))]
    answers = [
        await shop.event(body, SHOPIFY, x_shopify_topic=topic, x_shopify_webhook_id=delivery)
        for topic, body in told
        for delivery in (f"{topic}-1", f"{topic}-2")
    ]
    assert [one["outcome"] for one in answers] == ["created", "duplicate", "attached", "duplicate"]
    assert (answers[0]["event_id"], answers[2]["event_id"]) == (answers[1]["event_id"], answers[3]["event_id"])
    assert await account(shop, answers[0]["profile_id"]) == (138.5, 1)
    await shop.check_laws()


async def test_one_body_of_many_people_is_an_order_of_each(shop: Shop) -> None:
    """As somebody may write a test: the id stays, the buyer changes."""
    people = set()
    for number in range(3):
        email = f"ann{number}@mail.org"
        body = body_of("01", email=email, contact_email=email, phone=None, customer=None)
        people.add((await shop.event(body, SHOPIFY, x_shopify_topic="orders/create", x_shopify_webhook_id=email))["profile_id"])
    assert [await account(shop, one) for one in people] == [(148.5, 1)] * 3


async def test_a_refund_that_was_pending_counts_when_an_update_says_that_it_was_paid(shop: Shop) -> None:
    paid = body_of("17", order_id=ORDER)
    pending = {**paid, "transactions": [{**paid["transactions"][0], "status": "pending"}]}
    person = (await place(shop))["profile_id"]
    waiting = await shop.event(pending, SHOPIFY, x_shopify_topic="refunds/create", x_shopify_webhook_id="w1")
    assert (waiting["type"], waiting["outcome"], await account(shop, person)) == ("refund", "attached", (148.5, 1))
    changed = body_of("05", current_total_price="138.50", financial_status="partially_refunded", refunds=[paid])
    for delivery, outcomes in (("w2", ["attached", "attached"]), ("w3", ["attached", "duplicate"])):
        answers = await shop.events(SHOPIFY, changed, x_shopify_topic="orders/updated", x_shopify_webhook_id=delivery)
        assert [one["outcome"] for one in answers] == outcomes
        assert await account(shop, person) == (138.5, 1)
    await shop.check_laws()


async def test_whatever_else_shopify_tells_of_an_order_is_no_other_one(shop: Shop) -> None:
    for topic in ("orders/paid", "orders/create", "orders/fulfilled", "orders/partially_fulfilled"):
        told = await tell(shop, topic, "01")
        assert told["type"] == ("purchase" if topic == "orders/create" else "order_updated")
        assert told["outcome"] in ("created", "attached")
    person = told["profile_id"]
    assert await account(shop, person) == (148.5, 1)
    deleted = await shop.event({"id": ORDER}, SHOPIFY, x_shopify_topic="orders/delete")
    assert (deleted["type"], deleted["profile_id"], await account(shop, person)) == ("order_cancelled", person, (0, 0))


async def test_the_canonical_form_tells_the_same(shop: Shop) -> None:
    def event(type_: str, **properties: object) -> dict[str, object]:
        who = {"email": "ann@mail.org"} if type_ == "purchase" else {}
        return {
            "source": "shop",
            "type": type_,
            "identifiers": who,
            "properties": {"order_id": "A-1", "currency": "GBP", **properties},
        }

    person = (await shop.event(event("purchase", total=100)))["profile_id"]
    assert (await shop.event(event("refund", total=30)))["profile_id"] == person
    assert await account(shop, person) == (70.0, 1)
    await shop.event(event("refund", total=-20))
    await shop.event(event("order_updated", total=90))
    assert await account(shop, person) == (40.0, 1)
    assert (await shop.event({**event("order_cancelled"), "source": "till"}))["outcome"] == "unidentified"  # another's A-1
    assert await account(shop, person) == (40.0, 1)
    await shop.event(event("order_cancelled"))
    assert await account(shop, person) == (0, 0)


async def test_a_refund_that_says_not_how_much_is_of_all_that_is_left(shop: Shop) -> None:
    """As in GA4: the whole of a transaction, unless items are named."""

    async def tell_tracker(event: str, **fields: object) -> dict[str, Any]:
        return await shop.event({"event": event, "transaction_id": "T-1", "currency": "GBP", **fields}, "/api/integrations/track")

    person = (await tell_tracker("purchase", email="ann@mail.org", value=50))["profile_id"]
    await tell_tracker("refund", items=[{"item_id": "S-1", "price": 12.5, "quantity": 2}])
    assert await account(shop, person) == (25.0, 1)
    await tell_tracker("refund")
    assert await account(shop, person) == (0, 1)
    order = {"status": "refunded", "total": 50.0, "refunded": 50.0, "currency": "GBP"}
    assert await order_of(shop, person) == order
    past = (await shop.get(f"/api/profiles/{person}/360?as_of=2100-01-01T00:00:00Z"))["orders"]
    assert past[0].items() >= order.items()
    await shop.check_laws()


async def test_time_travel_shows_the_order_as_it_was(shop: Shop) -> None:
    person = (await place(shop))["profile_id"]
    await refund(shop)
    await cancel(shop)
    for as_of, spent, status in (
        ("2026-09-01T12:00:00Z", 148.5, "placed"),
        ("2026-09-02T12:00:00Z", 0, "cancelled"),
    ):
        past = await shop.get(f"/api/profiles/{person}/360?as_of={as_of}")
        assert past["profile"]["lifetime_values"].get("GBP", 0) == spent
        assert past["orders"][0]["status"] == status
    today = await shop.get(f"/api/profiles/{person}/360")
    past = await shop.get(f"/api/profiles/{person}/360?as_of=2027-01-01T00:00:00Z")
    assert past["orders"] == today["orders"]


@pytest.mark.parametrize("first", ["merge", "refund"])
async def test_an_order_goes_with_its_person_through_merge_and_undo(shop: Shop, first: str) -> None:
    person = (await place(shop))["profile_id"]
    other = (await shop.event({"type": "page_view", "identifiers": {"loyalty_id": "L1"}}))["profile_id"]
    if first == "refund":
        await refund(shop)
    answer = await shop.send("/api/merges", {"profile_ids": [person, other]})
    merge_id = answer.json()["data"]["merge_id"]
    if first == "merge":
        await refund(shop)
    assert (await shop.send(f"/api/merges/{merge_id}/undo", {})).status_code == 200
    assert await account(shop, person) == (138.5, 1)
    assert await account(shop, other) == (0, 0)
    await shop.check_laws()
