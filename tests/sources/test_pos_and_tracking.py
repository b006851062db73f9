"""The till and the tracker."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import BadInput
from app.domain.events import Money
from app.domain.identifiers import Identifier
from app.sources import pos, tracking
from app.sources.base import Defaults, Delivery, Parsed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SALE: dict[str, Any] = json.loads(pos.EXAMPLE.body)
CART: dict[str, Any] = json.loads(tracking.EXAMPLE.body)


def deliver(module: Any, body: dict[str, Any], **headers: str) -> Parsed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    parsed: Parsed = module.parse(Delivery("demo", named, json.dumps(body).encode(), NOW, "req-1"), Defaults())
    return parsed


def test_one_call_is_a_visit_and_a_purchase() -> None:
    visit, purchase = deliver(pos, SALE).events
    assert (visit.type, purchase.type) == ("store_visit", "purchase")
    assert visit.visit is not None
    assert visit.visit.duration_minutes == 45
    assert json.loads(visit.properties)["duration_minutes"] == 45
    assert (visit.total, purchase.total, purchase.order_id) == (None, Money(12550, "USD"), "TXN-98765")
    assert visit.delivery_id == purchase.delivery_id
    assert visit.event_id != purchase.event_id
    assert visit.identifiers == purchase.identifiers
    assert set(visit.identifiers) == {Identifier("loyalty_id", "LOY-789456"), Identifier("phone", "15550123")}


def test_what_the_till_says_stays_with_each_and_whom_it_names_stands_once() -> None:
    visit, purchase = deliver(pos, {**SALE, "first_name": "Ann", "cashier": "c-7"}).events
    beside = {name: SALE[name] for name in SALE if name not in {"loyalty_id", "phone", "items"}} | {
        "first_name": "Ann",
        "cashier": "c-7",
    }
    assert json.loads(visit.properties) == {**beside, "duration_minutes": 45}
    bought = {"order_id": "TXN-98765", "currency": "USD", "items": [{**SALE["items"][0]}]}
    assert json.loads(purchase.properties) == {**beside, **bought}
    assert visit.attributes == purchase.attributes == (("first_name", "Ann"),)
    assert (visit.items, [item.product_id for item in purchase.items]) == ((), ["PROD-002"])


def test_of_several_names_for_one_thing_the_first_counts() -> None:
    lines = [{"product_id": "a"}], [{"product_id": "b"}]
    hours = "2024-01-17T12:00:00Z", "2024-01-17T13:00:00Z"
    till = {"total": 1, "items": lines[0], "line_items": lines[1], "timestamp": hours[0], "check_in_at": hours[1]}
    *_, purchase = deliver(pos, till).events
    assert (purchase.items[0].product_id, purchase.occurred_at.hour) == ("a", 12)
    cart = {"event": "cart_add", "type": "page_view", "items": lines[0], "products": lines[1]}
    (event,) = deliver(tracking, {**cart, "timestamp": hours[0], "occurred_at": hours[1]}).events
    assert (event.type, event.items[0].product_id, event.occurred_at.hour) == ("cart_add", "a", 12)


def test_either_alone_or_neither() -> None:
    only_visit = deliver(pos, {"check_in_at": "2024-01-17T11:00:00Z", "device": "d-1"}).events
    assert [event.type for event in only_visit] == ["store_visit"]
    assert only_visit[0].visit is not None
    assert only_visit[0].visit.duration_minutes is None
    assert [event.type for event in deliver(pos, {"total": 0, "email": "a@example.com"}).events] == ["purchase"]
    with pytest.raises(BadInput, match="check_in_at, total"):
        deliver(pos, {"total": None, "check_in_at": "", "email": "a@example.com"})


def test_the_till_may_bring_a_key() -> None:
    first = deliver(pos, SALE, idempotency_key="k1").events
    again = deliver(pos, {**SALE, "total": 1}, idempotency_key="k1").events
    assert [event.event_id for event in first] == [event.event_id for event in again]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"check_out_at": "2024-01-17T10:00:00Z"}, "check_out_at lies before"),
        ({"total": "-5"}, "total is negative"),
        ({"loyalty_id": {"a": 1}}, "loyalty_id must be a string"),
        ({"identifiers": ["x"]}, "identifiers must be an object"),
        ({"identifiers": {"shoe_size": "9"}}, "unknown identifier type"),
        ({"identifiers": {"cookie": [f"c{n}" for n in range(200)]}}, "at most 100 identifiers"),
    ],
)
def test_a_till_call_that_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        deliver(pos, {**SALE, **change})


def test_cart_add() -> None:
    (event,) = deliver(tracking, CART).events
    assert event.type == "cart_add"
    assert event.identifiers == (Identifier("email", "sarah.johnson@email.com"), Identifier("session", "sess-abc123"))
    (item,) = event.items
    assert (item.product_id, item.name, item.category, item.price) == (
        "PROD-003",
        "Premium Sneakers",
        "Footwear",
        "125.50",
    )
    assert json.loads(event.properties)["page_url"] == CART["page_url"]
    assert "email" not in json.loads(event.properties)
    assert event.occurred_at == datetime(2024, 1, 19, 15, tzinfo=UTC)


def test_other_ways_to_track_the_same() -> None:
    nested = {
        "type": "CART_ADD",
        "identifiers": {"email": ["Sarah.Johnson@email.com"], "session_id": "sess-abc123"},
        "properties": {name: CART[name] for name in ("product_id", "product_name", "category", "price", "page_url")},
        "occurred_at": 1705676400,
    }
    flat, other = deliver(tracking, CART).events[0], deliver(tracking, nested).events[0]
    assert (flat.type, flat.items, flat.occurred_at, flat.identifiers) == (
        other.type, other.items, other.occurred_at, other.identifiers,
    )  # fmt: skip
    assert json.loads(flat.properties) == json.loads(other.properties)
    assert deliver(tracking, {"type": "track", "event": "Product Added"}).events[0].type == "product added"


def test_a_tracked_purchase_counts_as_one() -> None:
    body = {"event": "purchase", "total": 20, "currency": "EUR", "order_id": "A1", "email": "a@example.com"}
    (event,) = deliver(tracking, body).events
    assert (event.total, event.order_id) == (Money(2000, "EUR"), "A1")
    (looked,) = deliver(tracking, {**body, "event": "page_view"}).events
    assert (looked.total, looked.order_id) == (None, None)


@pytest.mark.parametrize("name", ["Produit ajouté", "Clicked: Buy now!", "naïve", "購入", "x" * 100])
def test_a_name_is_kept_as_given(name: str) -> None:
    assert deliver(tracking, {"event": f" {name} ", "email": "a@example.com"}).events[0].type == name


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("Purchase", "purchase"), ("PURCHASE", "purchase"), ("Cart_Add", "cart_add"), ("Add_To_Cart", "add_to_cart"),
        ("Product Added", "product added"), ("Page_View", "page_view"), ("Store_Visit", "store_visit"),
        ("Order Completed", "Order Completed"),
    ],
)  # fmt: skip
def test_our_own_names_are_known_in_any_case(given: str, stored: str) -> None:
    assert deliver(tracking, {"event": given, "total": 5, "email": "a@example.com"}).events[0].type == stored


def test_a_purchase_in_capitals_counts() -> None:
    (event,) = deliver(tracking, {"event": "PURCHASE", "total": 5, "email": "a@example.com"}).events
    assert (event.is_purchase, event.total) == (True, Money(500, "USD"))


@pytest.mark.parametrize("name", [None, "", " ", 5, "x" * 101, ["cart_add"], "a\nb", "a\x00b", "a\x85b"])
def test_an_event_without_a_clean_name(name: object) -> None:
    with pytest.raises(BadInput, match="event"):
        deliver(tracking, {**CART, "event": name})


def test_a_page_title_is_no_product_and_a_bad_email_is_set_aside() -> None:
    (event,) = deliver(tracking, {"event": "page_view", "title": "Home", "name": "Bo", "email": "bo"}).events
    assert event.items == ()
    assert event.attributes == (("name", "Bo"),)
    assert json.loads(event.properties)["invalid_identifiers"][0]["type"] == "email"


@pytest.mark.parametrize("nameless", ["undefined", "null", "None", "NaN", "[object Object]"])
def test_nobody_is_called_undefined(nameless: str) -> None:
    body = {**CART, "first_name": nameless, "last_name": "Null", "city": nameless, "email": "a@example.com"}
    (event,) = deliver(tracking, body).events
    assert dict(event.attributes) == {"last_name": "Null", "city": nameless}
