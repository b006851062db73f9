"""The till and the tracker."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import BadInput
from app.domain.events import Money
from app.domain.identifiers import Identifier
from app.sources import canonical, pos, shopify, tracking
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


def test_the_tills_own_device_and_session_are_no_buyers() -> None:
    """Every buyer of a day stands at it. A visit without a sale was seen by the visitor's device."""
    till = {"device_id": "till-7", "session_id": "shift-1"}
    for event in deliver(pos, {**SALE, **till}).events:
        assert set(event.identifiers) == {Identifier("loyalty_id", "LOY-789456"), Identifier("phone", "15550123")}
        said = json.loads(event.properties)
        assert (said["device_id"], said["session_id"]) == ("till-7", "shift-1")
    (scanned,) = deliver(pos, {"total": 5, "device_id": "till-7", "identifiers": {"device_id": "phone-1"}}).events
    assert scanned.identifiers == (Identifier("device", "phone-1"),)
    (visit,) = deliver(pos, {"check_in_at": "2024-01-17T11:00:00Z", "device_id": "phone-1"}).events
    assert visit.identifiers == (Identifier("device", "phone-1"),)


@pytest.mark.parametrize(
    "buyer",
    [
        {"customer": {"email": "Ann@example.com", "phone": "+14155550101", "first_name": "Ann", "id": 7}},
        {"customer_email": "ann@example.com", "customer_phone": "+1 415 555 0101", "first_name": "Ann"},
    ],
)
def test_the_buyer_may_stand_in_a_part_of_their_own(buyer: dict[str, Any]) -> None:
    staff = {"cashier": {"phone": "+14155550199"}, "cashier_phone": "+14155550199", "store_phone": "+14155550188"}
    (event,) = deliver(pos, {"total": 5, **staff, **buyer}).events
    assert set(event.identifiers) == {Identifier("email", "ann@example.com"), Identifier("phone", "14155550101")}
    assert dict(event.attributes) == {"first_name": "Ann"}
    assert "ann@example.com" not in event.properties.lower()


@pytest.mark.parametrize("customer", [None, "", "Ann Lee", [], {"email": "", "phone": None, "name": {"first": "Ann"}}])
def test_a_buyer_of_another_shape_costs_no_sale(customer: object) -> None:
    (event,) = deliver(pos, {"total": 5, "created_at": "2024-01-17T11:00:00Z", "customer": customer}).events
    assert (event.identifiers, event.attributes) == ((), ())
    assert event.occurred_at == datetime(2024, 1, 17, 11, tzinfo=UTC)


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
    (by_segment,) = deliver(tracking, {**body, "event": "Order Completed"}).events
    assert (by_segment.is_purchase, by_segment.total, by_segment.order_id) == (True, Money(2000, "EUR"), "A1")


@pytest.mark.parametrize("name", ["Produit ajouté", "Clicked: Buy now!", "naïve", "購入", "x" * 100])
def test_a_name_is_kept_as_given(name: str) -> None:
    assert deliver(tracking, {"event": f" {name} ", "email": "a@example.com"}).events[0].type == name


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("Purchase", "purchase"), ("PURCHASE", "purchase"), ("Cart_Add", "cart_add"), ("Add_To_Cart", "add_to_cart"),
        ("Product Added", "product added"), ("Page_View", "page_view"), ("Store_Visit", "store_visit"),
        ("Order Completed", "purchase"), ("Order Shipped", "Order Shipped"),
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


TRACKED: dict[str, Any] = {
    "type": "track", "event": "Product Added", "messageId": "m-1", "anonymousId": "anon-1", "userId": "u-1",
    "timestamp": "2026-09-01T10:00:00.000Z", "sentAt": "2026-09-01T10:00:01.000Z",
    "context": {"locale": "de-DE", "traits": {"email": "Ann@example.com", "phone": "+14155550101", "firstName": "Ann"}},
    "properties": {"product_id": "P-1", "name": "Wool throw", "category": "Home", "price": 148.5, "quantity": 1},
}  # fmt: skip


def test_a_segment_library_names_the_person_beside_the_event() -> None:
    (event,) = deliver(tracking, TRACKED).events
    assert set(event.identifiers) == {
        Identifier("anonymous_id", "anon-1"), Identifier("user_id", "u-1"), Identifier("email", "ann@example.com"),
        Identifier("phone", "14155550101"),
    }  # fmt: skip
    assert dict(event.attributes) == {"first_name": "Ann"}
    assert json.loads(event.properties)["context"] == {"locale": "de-DE"}  # whom it names stands in no property


def test_the_traits_of_an_identify_are_the_persons_and_of_a_group_its_companys() -> None:
    body = {"type": "identify", "userId": "u-1", "traits": {"email": "ann@example.com", "lastName": "Lee", "phone": {"a": 1}}}
    (event,) = deliver(tracking, body).events
    assert set(event.identifiers) == {Identifier("user_id", "u-1"), Identifier("email", "ann@example.com")}
    assert dict(event.attributes) == {"last_name": "Lee"}
    company = {"type": "group", "userId": "u-1", "groupId": "g", "traits": {"email": "info@acme.com", "name": "Acme"}}
    (event,) = deliver(tracking, company).events
    assert (event.identifiers, event.attributes) == ((Identifier("user_id", "u-1"),), ())
    assert "info@acme.com" not in event.properties


def test_an_address_among_the_properties_is_not_the_senders() -> None:
    """An invitation names a friend."""
    invitation = {"event": "Invite Sent", "userId": "u-1", "properties": {"email": "friend@example.com"}}
    (event,) = deliver(tracking, invitation).events
    assert event.identifiers == (Identifier("user_id", "u-1"),)


def test_who_somebody_was_before_they_had_a_name_is_an_anonymous_id() -> None:
    alias = {"type": "alias", "userId": "u-1", "previousId": "anon-1"}
    (event,) = deliver(tracking, alias).events
    first = event.read_as(set[Identifier]().__contains__)
    assert set(first.identifiers) == {Identifier("user_id", "u-1"), Identifier("anonymous_id", "anon-1")}
    assert deliver(tracking, {**alias, "type": "identify"}).events[0].identifiers == (Identifier("user_id", "u-1"),)


def test_when_it_happened_is_when_it_was_sent_where_nothing_else_is_said() -> None:
    sent = {"event": "x", "sentAt": "2026-09-01T11:00:00Z"}
    assert deliver(tracking, sent).events[0].occurred_at == datetime(2026, 9, 1, 11, tzinfo=UTC)
    (event,) = deliver(tracking, {**sent, "originalTimestamp": "2026-09-01T10:00:00Z"}).events
    assert event.occurred_at == datetime(2026, 9, 1, 10, tzinfo=UTC)


def test_a_message_sent_again_is_the_same_event() -> None:
    first = deliver(tracking, TRACKED).events[0]
    again = deliver(tracking, {**TRACKED, "sentAt": "2026-09-01T11:00:00Z"}).events[0]
    assert first.event_id == again.event_id
    assert first.event_id != deliver(tracking, {**TRACKED, "messageId": "m-2"}).events[0].event_id
    assert first.event_id != deliver(tracking, TRACKED, idempotency_key="k").events[0].event_id


def test_the_name_of_a_product_or_a_page_is_nobodys() -> None:
    (event,) = deliver(tracking, TRACKED).events
    assert (event.items[0].product_id, event.items[0].name, event.items[0].category) == ("P-1", "Wool throw", "Home")
    page = {"type": "page", "name": "Home", "anonymousId": "a", "properties": {"title": "Home", "name": "Home"}}
    (event,) = deliver(tracking, page).events
    assert (event.items, event.attributes) == ((), ())
    (video,) = deliver(tracking, {"event": "Video Played", "userId": "u-1", "properties": {"name": "Trailer"}}).events
    assert (video.items, video.attributes) == ((), ())
    (flat,) = deliver(tracking, {"event": "cart_add", "email": "bo@example.com", "name": "Bo", "product_id": "P-1"}).events
    assert (flat.items[0].name, dict(flat.attributes)) == (None, {"name": "Bo"})


def test_a_data_layer_says_of_trade_what_properties_do() -> None:
    trade = {"transaction_id": "T-1", "value": 40, "currency": "EUR", "user_id": "u-9", "items": [{"item_id": "P-1"}]}
    (event,) = deliver(tracking, {"event": "purchase", "email": "a@example.com", "ecommerce": trade}).events
    assert (event.total, event.order_id, event.items[0].product_id) == (Money(4000, "EUR"), "T-1", "P-1")
    assert event.identifiers == (Identifier("email", "a@example.com"),)


@pytest.mark.parametrize(
    ("said", "minor"),
    [
        ({"value": 20}, -2000), ({"value": -20}, -2000), ({}, None), ({"value": 0}, 0),
        ({"items": [{"item_id": "P-1", "price": "12.50", "quantity": 2}, {"item_id": "P-2", "price": 1}]}, -2600),
        ({"items": [{"item_id": "P-1"}]}, 0), ({"value": 3, "items": [{"item_id": "P-1", "price": 5}]}, -300),
    ],
)  # fmt: skip
def test_what_was_paid_back_of_an_order(said: dict[str, Any], minor: int | None) -> None:
    trade = {"transaction_id": "T-1", "currency": "EUR", **said}
    (event,) = deliver(tracking, {"event": "refund", "ecommerce": trade}).events
    assert (event.total, event.order_id) == (None if minor is None else Money(minor, "EUR"), "T-1")


@pytest.mark.parametrize("body", [{"batch": [TRACKED]}, {"client_id": "1.2", "events": [{"name": "page_view"}]}])
def test_several_events_are_told_where_to_go(body: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="/api/events"):
        deliver(tracking, body)


def test_a_property_of_a_strange_shape_costs_no_event() -> None:
    (event,) = deliver(tracking, {**TRACKED, "context": [], "properties": {"language": ["en"], "city": {"id": 1}}}).events
    assert event.attributes == ()
    assert deliver(tracking, {"event": "x", "userId": "u-1", "properties": []}).events[0].identifiers  # PHP's empty object


@pytest.mark.parametrize(
    ("paid", "minor"),
    [
        ({"total": 20, "revenue": 15, "value": 14}, 2000), ({"revenue": "15.00", "value": 14}, 1500), ({"value": 14.5}, 1450),
        ({"total": "", "revenue": 3}, 300),
    ],
)  # fmt: skip
def test_what_was_paid_in_the_words_of_other_trackers(paid: dict[str, Any], minor: int) -> None:
    items = [{"item_id": "P-1", "item_name": "Wool throw", "item_category": "Home", "price": 14.5, "quantity": 1}]
    said = {"transaction_id": "T-1", "currency": "EUR", "items": items, **paid}
    (event,) = deliver(tracking, {"event": "purchase", "userId": "u-1", "properties": said}).events
    assert (event.total, event.order_id) == (Money(minor, "EUR"), "T-1")
    assert (event.items[0].product_id, event.items[0].name, event.items[0].category) == ("P-1", "Wool throw", "Home")


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ({"items": [{"item_id": "P-1", "price": "12.50", "quantity": 2}, {"item_id": "P-2", "price": 1}]}, Money(2600, "EUR")),
        ({"items": [{"item_id": "P-1", "price": 5}, {"item_id": "P-2"}]}, Money(500, "EUR")),
        ({"items": [{"item_id": "P-1", "price": 5}, {"item_id": "VOUCHER", "price": -7}]}, Money(0, "EUR")),
        ({"items": [{"item_id": "P-1", "price": 5}], "total": 0}, Money(0, "EUR")),
        ({"items": [{"item_id": "P-1"}]}, None), ({}, None),
    ],
)  # fmt: skip
def test_an_order_without_a_total_is_of_what_its_lines_cost(said: dict[str, Any], total: Money | None) -> None:
    told = {"order_id": "T-1", "currency": "EUR", **said}
    (tracked,) = deliver(tracking, {"event": "purchase", "userId": "u-1", "properties": told}).events
    (sent,) = deliver(canonical, {"type": "purchase", "identifiers": {"email": "a@example.com"}, "properties": told}).events
    shopped = {"email": "a@example.com", **told, "id": 1}
    (ordered,) = deliver(shopify, shopped, x_shopify_topic="orders/create").events
    (updated,) = deliver(tracking, {"event": "Order Updated", "userId": "u-1", "properties": told}).events
    assert (tracked.total, sent.total, ordered.total) == (total, total, total)
    assert updated.total == (total if "total" in said else None)
