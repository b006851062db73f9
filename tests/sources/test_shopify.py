"""Shopify's own bodies, the flat form, and mixtures."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import BadInput
from app.domain.events import Money
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.shopify import parse

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "shopify"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
USA = Defaults("USD", "US")


def deliver(body: bytes | dict[str, Any], headers: dict[str, str] | None = None, defaults: Defaults = USA) -> Parsed:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(Delivery("demo", {k.lower(): v for k, v in (headers or {}).items()}, raw, NOW, "req-1"), defaults)


def payload(number: str, **headers: str) -> Parsed:
    body = next(path for path in PAYLOADS.glob(f"{number}_*.json") if ".headers" not in path.name)
    sent = json.loads(body.with_suffix("").with_suffix(".headers.json").read_text())
    return deliver(body.read_bytes(), {**sent, **headers})


def named(parsed: Parsed) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for type_name, value in parsed.events[0].identifiers:
        found.setdefault(type_name, []).append(value)
    return found


def test_order() -> None:
    (event,) = payload("01").events
    assert (event.type, event.source, event.order_id) == ("purchase", "shopify", "5500123400011")
    assert event.total == Money(14850, "GBP")
    assert event.occurred_at == datetime(2026, 9, 1, 9, tzinfo=UTC)
    assert named(payload("01")) == {
        "email": ["zoe.angstrom@example.com"],
        "phone": ["447700900123"],
        "shopify_customer_id": ["6512340010011"],
    }
    (item,) = event.items
    assert (item.product_id, item.name, item.price, item.quantity) == ("7781234500011", "Wool throw", "148.50", 1)
    assert dict(event.attributes) == {
        "first_name": "Zoë", "last_name": "Ångström", "city": "Leeds", "country": "GB", "locale": "en-GB",
        "email_consent": "false",
    }  # fmt: skip
    assert json.loads(event.properties)["total"] == 148.5
    assert json.loads(event.raw)["name"] == "#1042"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"buyer_accepts_marketing": True}, {"email_consent": "true"}),
        ({"buyer_accepts_sms_marketing": False}, {"sms_consent": "false"}),
        ({"customer": {"accepts_marketing": False}}, {"email_consent": "false"}),
        ({"customer": {"email_marketing_consent": {"state": "subscribed"}}}, {"email_consent": "subscribed"}),
        (
            {"buyer_accepts_marketing": False, "customer": {"email_marketing_consent": {"state": "Subscribed"}}},
            {"email_consent": "subscribed"},
        ),
        ({"customer": {"sms_marketing_consent": {"state": "unsubscribed"}}}, {"sms_consent": "unsubscribed"}),
        ({"buyer_accepts_marketing": "no", "email_marketing_consent": [1], "sms_marketing_consent": {"state": 5}}, {}),
        ({"buyer_accepts_marketing": None, "sms_marketing_consent": None}, {}),
    ],
)
def test_what_the_buyer_said_to_messages(change: dict[str, Any], said: dict[str, str]) -> None:
    (event,) = deliver({**FLAT, **change}).events
    assert {name: value for name, value in event.attributes if name.endswith("_consent")} == said


@pytest.mark.parametrize(("state", "said"), [("", None), ("x" * 40, "x" * 40), ("x" * 41, None)])
def test_a_state_of_consent_is_a_word(state: str, said: str | None) -> None:
    (event,) = deliver({**FLAT, "customer": {"sms_marketing_consent": {"state": state}}}).events
    assert dict(event.attributes).get("sms_consent") == said


def test_the_customers_own_name_and_home_come_first_then_the_orders_then_the_bills() -> None:
    customer = {"first_name": "Ann", "last_name": "Lee", "default_address": {"city": "Leeds", "country_code": "GB"}}
    bill = {"first_name": "Cy", "last_name": "Poe", "city": "Paris", "country": "France"}
    order = {"first_name": "Bo", "last_name": "May"}
    bodies = ({"customer": customer, **order}, order, {})
    assert [dict(deliver({**FLAT, **body, "billing_address": bill}).events[0].attributes) for body in bodies] == [
        {"first_name": "Ann", "last_name": "Lee", "city": "Leeds", "country": "GB"},
        {"first_name": "Bo", "last_name": "May", "city": "Paris", "country": "France"},
        {"first_name": "Cy", "last_name": "Poe", "city": "Paris", "country": "France"},
    ]


def test_redelivery_is_the_same_event() -> None:
    first, again = payload("01").events[0], payload("02").events[0]
    assert (first.event_id, first.delivery_id) == (again.event_id, again.delivery_id)
    other = payload("01", **{"X-Shopify-Webhook-Id": "another"}).events[0]
    assert other.event_id != first.event_id


def test_without_a_delivery_id_topic_id_and_updated_at_tell() -> None:
    topic = {"x-shopify-topic": "orders/create"}
    body = {"id": 1, "updated_at": "2026-09-01T10:00:00Z", "email": "a@example.com"}
    same = deliver({**body, "note": "changed"}, topic).events[0].event_id
    assert deliver(body, topic).events[0].event_id == same
    assert deliver({**body, "updated_at": "2026-09-02T10:00:00Z"}, topic).events[0].event_id != same
    flat = {"id": 1, "email": "a@example.com", "total_spent": "1"}
    assert deliver(flat).events[0].event_id == deliver(flat, topic).events[0].event_id
    assert deliver({**flat, "email": "b@example.com"}).events[0].event_id != deliver(flat).events[0].event_id


def test_guest_without_email() -> None:
    assert named(payload("07")) == {"phone": ["447700900456"], "shopify_customer_id": ["6512340010022"]}
    assert "city" not in dict(payload("07").events[0].attributes)  # where it is sent is not where the buyer lives


def test_shop_money_never_presentment() -> None:
    assert payload("10").events[0].total == Money(8410, "GBP")
    only_set = {
        "total_price_set": {"shop_money": {"amount": "5.00", "currency_code": "JPY"}},
        "total_price": "9",
        "currency": "GBP",
    }
    assert deliver(only_set).events[0].total == Money(5, "JPY")
    silent = {"total_price_set": {"shop_money": {"amount": "5.00"}}, "currency": "GBP"}
    assert deliver(silent).events[0].total == Money(500, "GBP")
    empty = {"total_price_set": {"shop_money": {"amount": "", "currency_code": "JPY"}}, "total_price": "9", "currency": "GBP"}
    assert deliver(empty).events[0].total == Money(900, "GBP")
    shown_only = {"total_price_set": {"presentment_money": {"amount": "5", "currency_code": "JPY"}}, "total_price": "9"}
    assert deliver(shown_only).events[0].total == Money(900, "USD")


def test_checkout_and_customer_have_no_total() -> None:
    (checkout,) = payload("21").events
    assert (checkout.type, checkout.total, checkout.order_id) == ("checkout", None, None)
    assert json.loads(checkout.properties)["buyer_accepts_sms_marketing"] is True
    (customer,) = payload("24").events
    assert (customer.type, customer.total) == ("customer_updated", None)
    for number in ("21", "24"):
        assert named(payload(number)) == named(payload("01"))
    assert "buyer_accepts_marketing" not in json.loads(customer.properties)


def test_what_is_told_of_an_order_after_it_was_placed() -> None:
    for number, type_, total, at in (
        ("05", "order_updated", Money(14850, "GBP"), datetime(2026, 9, 1, 10, 30, tzinfo=UTC)),
        ("16", "order_cancelled", None, datetime(2026, 9, 2, 8, tzinfo=UTC)),
    ):
        (event,) = payload(number).events
        assert (event.type, event.total, event.occurred_at) == (type_, total, at)
        assert (event.source, event.order) == ("shopify", ("shopify", "5500123400011"))
        assert named(payload(number))["shopify_customer_id"] == ["6512340010011"]


def test_a_refund_is_what_was_paid_back_and_names_nobody() -> None:
    (event,) = payload("17").events
    assert (event.type, event.total, event.order) == ("refund", Money(-1000, "GBP"), ("shopify", "5500123400021"))
    assert (event.identifiers, event.occurred_at) == ((), datetime(2026, 9, 3, 11, tzinfo=UTC))
    (item,) = event.items
    assert (item.name, item.price, item.quantity) == ("Wool throw", "22.00", 1)


UPDATED = {"x-shopify-topic": "orders/updated"}
MERGE_TOPIC = {"x-shopify-topic": "customers/merge"}


def test_an_update_of_an_order_that_was_called_off_says_so() -> None:
    body = {"id": 2, "total_price": "148.50", "cancelled_at": "2026-09-02T09:00:00Z", "updated_at": "2026-09-03T09:00:00Z"}
    (event,) = deliver(body, UPDATED).events
    assert (event.type, event.total, event.occurred_at.day, event.order_id) == ("order_cancelled", None, 2, "2")


@pytest.mark.parametrize(("number", "wanted"), [("34", "export"), ("35", "erasure")])
def test_what_a_customer_asks_for_is_no_event(number: str, wanted: str) -> None:
    """By id and e-mail, and by the phone where nobody has these: a household may share one."""
    parsed = payload(number)
    assert parsed.events == ()
    assert "/" in parsed.ignored[0]
    (wish,) = parsed.wishes
    assert wish.wanted == wanted
    own = (("shopify_customer_id", "6512340010011"), ("email", "zoe.angstrom@example.com"))
    assert wish.named == (own, (("phone", "447700900123"),))


def test_a_shop_that_let_the_app_go_is_nobodys_event() -> None:
    parsed = deliver({"shop_id": 954889, "shop_domain": "north-loom.myshopify.com"}, {"x-shopify-topic": "shop/redact"})
    assert (parsed.events, parsed.ignored) == ((), ("shop/redact",))
    (wish,) = parsed.wishes
    assert (wish.wanted, wish.named, wish.shop_domain) == ("shop_erasure", (), "north-loom.myshopify.com")


@pytest.mark.parametrize("customer", [{}, {"id": None, "email": "", "phone": None}])
def test_of_nobody_nothing_is_asked_for(customer: dict[str, None]) -> None:
    (wish,) = deliver({"shop_id": 1, "customer": customer}, {"x-shopify-topic": "customers/redact"}).wishes
    assert wish.named == ()


MERGED = {
    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1", "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
    "admin_graphql_api_job_id": "gid://shopify/Job/7", "status": "completed", "errors": [],
}  # fmt: skip


def test_customers_that_were_merged_are_one() -> None:
    (event,) = deliver(MERGED, MERGE_TOPIC).events
    assert (event.type, event.joins, named(deliver(MERGED, MERGE_TOPIC))) == (
        "customers_merged",
        True,
        {"shopify_customer_id": ["1", "2"]},
    )
    assert deliver({**MERGED, "errors": None}, MERGE_TOPIC).events[0].event_id == event.event_id


@pytest.mark.parametrize("change", [{"status": "failed"}, {"status": "in_progress"}, {next(iter(MERGED)): None}])
def test_a_merge_that_was_not_done_is_ignored(change: dict[str, Any]) -> None:
    assert deliver({**MERGED, **change}, MERGE_TOPIC) == Parsed((), ignored=("customers/merge",))


def test_unknown_topic_is_ignored() -> None:
    for body in ({}, b"", b"{", b"[]", b"\xff"):
        assert deliver(body, {"x-shopify-topic": "Moon/Landed"}).ignored == ("moon/landed",)


FLAT = {
    "id": 12345, "email": "Sarah.Johnson@email.com", "phone": None, "total_spent": "89.99", "currency": "USD",
    "items": [{"product_id": "PROD-001", "product_name": "Summer Collection T-Shirt", "price": "89.99"}],
    "created_at": "2024-01-15T10:00:00Z", "order_number": "ORD-12345",
}  # fmt: skip


def test_flat_form() -> None:
    (event,) = deliver(FLAT).events
    assert event.identifiers == (("email", "sarah.johnson@email.com"),)
    assert event.total == Money(8999, "USD")
    assert event.items[0].name == "Summer Collection T-Shirt"
    assert event.occurred_at == datetime(2024, 1, 15, 10, tzinfo=UTC)
    assert event.order_id == json.loads(event.properties)["order_id"] == "12345"
    assert deliver({**FLAT, "email": None, "contact_email": "Ann@example.com"}).events[0].identifiers == (
        ("email", "ann@example.com"),
    )


def test_any_mixture_of_the_two_forms() -> None:
    real = json.loads(next(PAYLOADS.glob("01_*create.json")).read_text())
    topic = {"x-shopify-topic": "orders/create"}
    for form, other in ((FLAT, real), (real, FLAT)):
        for name in form:
            assert deliver({name: form[name]}, topic).events[0].type == "purchase"
            assert deliver({**other, name: form[name]}, topic).events[0].total is not None
    assert deliver({**FLAT, "customer": {"id": 7}, "loyalty_id": "LOY-1"}).events[0].identifiers == (
        ("email", "sarah.johnson@email.com"), ("shopify_customer_id", "7"), ("loyalty_id", "LOY-1"),
    )  # fmt: skip


def test_an_id_as_the_graphql_api_writes_it_is_the_same() -> None:
    gid = "gid://shopify/Customer/6512340010011"
    for customer in ({"id": gid}, {"admin_graphql_api_id": gid}, {"id": 6512340010011, "admin_graphql_api_id": gid}):
        assert named(deliver({**FLAT, "customer": customer}))["shopify_customer_id"] == ["6512340010011"]
    (event,) = deliver({**FLAT, "id": "gid://shopify/Order/12345", "items": [{"product_id": "gid://shopify/Product/77"}]}).events
    assert (event.order_id, event.items[0].product_id) == ("12345", "77")
    changed = {"admin_graphql_api_id": gid, "email": "a@example.com"}
    assert named(deliver(changed, {"x-shopify-topic": "customers/update"}))["shopify_customer_id"] == ["6512340010011"]


def test_the_number_given_for_sms_is_the_buyers() -> None:
    checkout = {"token": "c1", "email": "a@example.com", "phone": None, "sms_marketing_phone": "+14155550101"}
    found = named(deliver(checkout, {"x-shopify-topic": "checkouts/create"}))
    assert found == {"email": ["a@example.com"], "phone": ["14155550101"]}


@pytest.mark.parametrize(
    ("change", "type_name", "at"),
    [
        ({"test": True}, "test_order", datetime(2024, 1, 15, 10, tzinfo=UTC)),
        ({"cancelled_at": "2024-01-15T10:05:00Z"}, "order_cancelled", datetime(2024, 1, 15, 10, 5, tzinfo=UTC)),
        ({"test": True, "cancelled_at": "2024-01-15T10:05:00Z"}, "test_order", datetime(2024, 1, 15, 10, tzinfo=UTC)),
        ({"test": False, "cancelled_at": None}, "purchase", datetime(2024, 1, 15, 10, tzinfo=UTC)),
    ],
)
def test_what_brought_the_shop_nothing_is_no_purchase(change: dict[str, Any], type_name: str, at: datetime) -> None:
    (event,) = deliver({**FLAT, **change}, {"x-shopify-topic": "orders/create"}).events
    assert (event.type, event.occurred_at) == (type_name, at)
    assert (event.total is not None) == (type_name == "purchase")
    assert event.identifiers == (("email", "sarah.johnson@email.com"),)
    said = json.loads(event.properties)
    assert (said["order_id"], said["total"]) == ("12345", 89.99)


def test_staff_and_till_and_addresses_do_not_link() -> None:
    address = {"phone": "07700 900999", "country_code": "GB"}
    body = {**FLAT, "user_id": 99, "device_id": 5, "shipping_address": address, "billing_address": address}
    assert deliver(body).events[0].identifiers == (("email", "sarah.johnson@email.com"),)


def test_a_national_phone_is_read_with_the_payloads_country_then_the_defaults() -> None:
    national = {"total_spent": 1, "phone": "07700 900456"}
    assert named(deliver({**national, "billing_address": {"country_code": "GB"}}))["phone"] == ["447700900456"]
    assert named(deliver(national, defaults=Defaults("GBP", "GB")))["phone"] == ["447700900456"]


def test_a_malformed_identifier_does_not_lose_the_order() -> None:
    (event,) = deliver({**FLAT, "email": "not an address", "phone": "555-0123"}).events
    assert event.identifiers == ()
    assert event.total == Money(8999, "USD")
    aside = json.loads(event.properties)["invalid_identifiers"]
    assert [(one["type"], one["value"]) for one in aside] == [("email", "not an address"), ("phone", "555-0123")]
    assert all(one["reason"] for one in aside)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"email": "x" * 513}, "email is longer than 512 bytes"),
        ({"email": ["a@example.com"]}, "email must be a string"),
        ({"email": "a\u0000@example.com"}, "email holds a character"),
        ({"total_spent": "1e400"}, "total_spent"),
        ({"total_spent": 10**17}, "beyond 10\\^15"),
        ({"total_spent": -1}, "negative"),
        ({"total_spent": True}, "no amount"),
        ({"currency": "XXY"}, "ISO 4217"),
        ({"created_at": "9999-12-31"}, "created_at"),
        ({"created_at": "0001-01-01"}, "created_at"),
        ({"items": "shoes"}, "items must be an array"),
        ({"items": ["shoes"]}, r"items\[0\] must be an object"),
        ({"items": [{"price": "cheap"}]}, r"items\[0\].price"),
        ({"items": [{"quantity": "--1"}]}, r"items\[0\].quantity"),
        ({"customer": 5}, "customer must be an object"),
        ({"customer": {"first_name": "x" * 1001}}, "first_name is longer"),
    ],
)
def test_what_is_refused_says_where(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        deliver({**FLAT, **change})


def test_a_customer_without_a_topic_is_no_order_of_all_they_ever_spent() -> None:
    body = {"id": 7, "email": "a@example.com", "orders_count": 5, "total_spent": "100.00", "verified_email": True}
    (event,) = deliver(body).events
    assert (event.type, event.total) == ("customer_updated", None)
    assert event.identifiers == (("email", "a@example.com"), ("shopify_customer_id", "7"))
    assert deliver({**FLAT, "verified_email": True}).events[0].type == "purchase"


def test_no_topic_and_no_order() -> None:
    with pytest.raises(BadInput, match="x-shopify-topic"):
        deliver({"email": "a@example.com"})


@pytest.mark.parametrize(
    ("topic", "body", "identifiers", "said"),
    [
        (
            "customers_email_marketing_consent/update",
            {
                "customer_id": 7,
                "email_address": "Bob@example.com",
                "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": "2024-01-02T03:04:05Z"},
            },
            {("shopify_customer_id", "7"), ("email", "bob@example.com")},
            ("email_consent", "unsubscribed"),
        ),
        (
            "customers_marketing_consent/update",
            {
                "id": 7,
                "phone": "+15550123",
                "sms_marketing_consent": {"state": "UNSUBSCRIBED", "consent_updated_at": "2024-01-02T03:04:05Z"},
            },
            {("shopify_customer_id", "7"), ("phone", "15550123")},
            ("sms_consent", "unsubscribed"),
        ),
        (
            "customers_whats_app_marketing_consent/update",
            {
                "customer_id": 7,
                "phone_number": "+15550123",
                "whats_app_marketing_consent": {
                    "state": "unsubscribed",
                    "opt_in_level": None,
                    "updated_at": "2024-01-02T03:04:05Z",
                    "collected_from": "other",
                },
            },
            {("shopify_customer_id", "7"), ("phone", "15550123")},
            ("whatsapp_consent", "unsubscribed"),
        ),
        (
            "customers/update",
            {"id": 7, "updated_at": "2024-01-02T03:04:05Z", "email_marketing_consent": {"state": "unsubscribed"}},
            {("shopify_customer_id", "7")},
            ("email_consent", "unsubscribed"),
        ),
    ],
)
def test_a_change_of_consent_is_an_event_of_the_customer(
    topic: str, body: dict[str, Any], identifiers: set[tuple[str, str]], said: tuple[str, str]
) -> None:
    (event,) = deliver(body, {"X-Shopify-Topic": topic}).events
    assert {(one.type, one.value) for one in event.identifiers} == identifiers
    assert said in event.attributes
    assert event.occurred_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
