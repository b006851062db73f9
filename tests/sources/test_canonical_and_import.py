"""Our own doors: taken whole or refused whole, with the places named."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import BadInput, TooLarge, Unprocessable
from app.domain.events import Event, Money, ProfileImport
from app.domain.identifiers import Identifier
from app.sources.base import Defaults, Delivery
from app.sources.canonical import parse
from app.sources.envelope import MAX_PROPERTIES
from app.sources.profile_import import parse_import

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def sent(body: object, headers: dict[str, str] | None = None) -> Delivery:
    return Delivery("demo", headers or {}, json.dumps(body).encode(), NOW, "req-1")


def events(body: object, headers: dict[str, str] | None = None) -> tuple[Event, ...]:
    return parse(sent(body, headers), Defaults("EUR", "GB")).events


def refused(body: object) -> Unprocessable:
    with pytest.raises(Unprocessable) as caught:
        events(body)
    return caught.value


def brought(body: object, headers: dict[str, str] | None = None) -> ProfileImport:
    return parse_import(sent(body, headers), Defaults("EUR", "GB"))


def one(number: int = 0, **change: Any) -> dict[str, Any]:
    return {"type": "page_view", "identifiers": {"email": f"p{number}@example.com"}, **change}


def test_one_event() -> None:
    (event,) = events(
        {
            "source": "Web",
            "type": "purchase",
            "occurred_at": "2024-02-01T12:00:00+01:00",
            "identifiers": {"email": ["A@Example.com", "b@example.com"], "phone": "07700 900456", "cookie_id": "c1"},
            "properties": {"total": "19.99", "order_id": 7, "items": [{"product_name": "Hat", "quantity": 2}]},
            "attributes": {"first_name": "Ann", "vip": True, "age": 41, "none": None, "blank": ""},
        }
    )
    assert (event.source, event.type, event.order_id, event.total) == ("web", "purchase", "7", Money(1999, "EUR"))
    assert event.occurred_at == datetime(2024, 2, 1, 11, tzinfo=UTC)
    assert event.identifiers == (
        Identifier("email", "a@example.com"), Identifier("email", "b@example.com"),
        Identifier("phone", "447700900456"), Identifier("cookie", "c1"),
    )  # fmt: skip
    assert event.attributes == (("first_name", "Ann"), ("vip", "true"), ("age", "41"))
    assert event.items[0].quantity == 2


def test_a_name_that_is_not_there_is_none() -> None:
    (event,) = events(one(attributes={"first_name": "undefined", "name": "Null", "plan": "null"}))
    assert event.attributes == (("name", "Null"), ("plan", "null"))


def test_defaults_and_what_stands_beside() -> None:
    (event,) = events({"type": "purchase", "email": "a@example.com", "total": 5, "properties": {"order_id": "x"}})
    assert (event.source, event.occurred_at, event.received_at) == ("canonical", NOW, NOW)
    assert event.total == Money(500, "EUR")
    assert json.loads(event.properties) == {"total": 5, "order_id": "x"}
    assert event.identifiers == (Identifier("email", "a@example.com"),)


def test_a_timestamp_is_when_it_happened() -> None:
    """As every tracker calls it; taken for a property, an old event would be one of today."""
    (event,) = events(one(timestamp="2024-02-01T12:00:00Z"))
    assert event.occurred_at == datetime(2024, 2, 1, 12, tzinfo=UTC)
    (both,) = events(one(timestamp="2024-02-01T12:00:00Z", occurred_at="2024-01-01"))
    assert both.occurred_at == datetime(2024, 1, 1, tzinfo=UTC)


def test_properties_past_their_bound_stay_in_the_raw_text() -> None:
    """A customer's event is never refused for what nobody reads of it."""
    much = {"cart": "c1", "note": "x" * MAX_PROPERTIES, **{f"field {n}": "y" * 50 for n in range(2_000)}}
    (event,) = events(one(properties=much))
    kept = json.loads(event.properties)
    assert len(event.properties.encode()) <= MAX_PROPERTIES
    assert kept["cart"] == "c1"
    assert kept["field 0"] == "y" * 50
    assert "note" not in kept
    assert kept["left_out"] == len(much) + 1 - len(kept)
    assert json.loads(event.raw)["properties"] == much
    (small,) = events(one(properties={"note": "x" * 1_000}))
    assert json.loads(small.properties) == {"note": "x" * 1_000}


def test_names_and_ids_as_long_as_they_may_be() -> None:
    items = [{"product_id": "p" * 512, "product_name": "\u978b" * 512}]
    (event,) = events(one(type="purchase", properties={"total": 1, "order_id": "o" * 512, "items": items}))
    assert event.items[0].name == "\u978b" * 512


@pytest.mark.parametrize("type_name", ["page_view", "purchase", "store_visit"])
def test_only_a_purchase_has_an_order_and_only_a_visit_ends(type_name: str) -> None:
    (event,) = events(one(type=type_name, properties={"order_id": "A1", "total": 5, "check_in_at": "2024-01-01T10:00:00Z"}))
    assert (event.order_id is not None, event.total is not None) == (type_name == "purchase",) * 2
    assert (event.visit is not None) == (type_name == "store_visit")


def test_a_store_visit() -> None:
    body = one(type="store_visit", properties={"check_in_at": "2024-01-01T10:00:00Z", "check_out_at": "2024-01-01T10:30:00Z"})
    visit = events(body)[0].visit
    assert visit is not None
    assert visit.duration_minutes == 30


def test_a_list_keeps_its_order_and_each_its_own_raw() -> None:
    found = events([one(n) for n in range(1000)])
    assert [event.identifiers[0].value for event in found] == [f"p{n}@example.com" for n in range(1000)]
    assert len({event.event_id for event in found}) == len({event.delivery_id for event in found}) == 1000
    assert json.loads(found[3].raw) == one(3)


def test_a_bad_element_refuses_the_list_and_is_named() -> None:
    error = refused([one(0), one(1, type=""), one(2), 5, one(4, identifiers={"email": "nobody"})])
    assert error.extra["indexes"] == [1, 3, 4]
    assert [line["index"] for line in error.extra["errors"]] == [1, 3, 4]  # type: ignore[attr-defined]
    assert "index 1, 3, 4)" in error.detail
    assert "index 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)" in refused([5] * 10).detail
    assert "index 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...)" in refused([5] * 11).detail


@pytest.mark.parametrize("name", ["events", "batch"])
def test_a_list_in_an_object_is_told_how_to_be_sent(name: str) -> None:
    assert (
        refused({name: [one()]}).detail == f"type is missing; if '{name}' is a list of events, send the list itself as the body"
    )
    assert events({**one(), name: [one()]})[0].type == one()["type"]


@pytest.mark.parametrize(("body", "mend"), [([], "this one 0; send at least one"), ([one()] * 1001, "send it in parts")])
def test_list_sizes(body: list[object], mend: str) -> None:
    said = refused(body).detail
    assert "1 to 1,000" in said
    assert said.endswith(mend)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (one(identifiers={"shoe_size": "9"}), "known types: user_id"),
        (one(identifiers={"email": "nobody"}), "email is not a valid address"),
        (one(identifiers={"phone": "abc"}), "not a phone number"),
        (one(identifiers={"email": "x" * 513}), "longer than 512 bytes"),
        (one(identifiers=[]), "identifiers must be an object"),
        (one(occurred_at="2999-01-01"), "occurred_at"),
        (one(timestamp="soon"), "timestamp"),
        (one(type="purchase", properties={"total": "lots"}), "properties.total"),
        (one(properties=[]), "properties must be an object"),
        (one(source="my source!"), "source"),
        (one(idempotency_key=[1]), "idempotency_key"),
        (one(attributes={"a": {"b": 1}}), "attributes.a"),
        (one(properties={"items": [{"price": "x"}]}), "properties.items[0].price"),
        (one(properties={"items": [{"quantity": True}]}), "properties.items[0].quantity"),
        (one(properties={"items": [{"sku": "x" * 513}]}), "properties.items[0].sku"),
        (one(properties={"items": [{}] * 1001}), "properties.items holds 1,001 lines"),
        (one(type="purchase", properties={"order_id": []}), "properties.order_id"),
        (one(type="purchase", properties={"order_id": True}), "properties.order_id must be a string, not a boolean"),
        (one(type="store_visit", properties={"check_in_at": 1705312800, "detection_method": 5.5}), "properties.detection_method"),
    ],
)
def test_refusals_say_where(body: dict[str, Any], says: str) -> None:
    assert says in refused(body).detail
    assert says in refused([one(), body]).extra["errors"][0]["detail"]  # type: ignore[index]


@pytest.mark.parametrize("phone", ["555-0123", "12345"])
def test_a_number_that_cannot_link_is_set_aside_here_too(phone: str) -> None:
    (event,) = parse(sent(one(identifiers={"phone": phone, "email": "a@example.com"})), Defaults()).events
    assert event.identifiers == (Identifier("email", "a@example.com"),)
    assert json.loads(event.properties)["invalid_identifiers"][0]["value"] == phone


def test_idempotency() -> None:
    assert events(one(1))[0].event_id == events(one(1))[0].event_id
    assert events([one(1)])[0].event_id == events([dict(reversed(one(1).items()))])[0].event_id
    own = events(one(1, idempotency_key="k"))[0].event_id
    assert events([one(0), one(2, idempotency_key="k")])[1].event_id == own
    assert events(one(3), {"idempotency-key": "k"})[0].event_id == own
    first, second = events([one(0), one(0)], {"idempotency-key": "call"})
    assert first.event_id != second.event_id


def test_another_brand_is_another_event() -> None:
    body = json.dumps(one()).encode()
    ids = {parse(Delivery(brand, {}, body, NOW, "r"), Defaults()).events[0].event_id for brand in ("a", "b")}
    assert len(ids) == 2


def test_import_as_it_is() -> None:
    profile = brought(
        {
            "profile_id": "prof-101",
            "identifiers": {"email": "customer@example.com", "phone": "+1-555-1111"},
            "lifetime_value": 200.00,
            "currency": "USD",
            "total_orders": 3,
            "created_at": "2023-05-01T00:00:00Z",
            "attributes": {"first_name": "Ann"},
        }
    )
    assert (profile.profile_id, profile.lifetime_value, profile.total_orders) == ("prof-101", Money(20000, "USD"), 3)
    assert set(profile.identifiers) == {Identifier("email", "customer@example.com"), Identifier("phone", "15551111")}
    assert profile.created_at == datetime(2023, 5, 1, tzinfo=UTC)
    assert (profile.attributes, profile.source) == ((("first_name", "Ann"),), "import")


def test_an_import_is_somebodys_if_one_identifier_is() -> None:
    profile = brought({"identifiers": {"email": "a@example.com", "user_id": "null"}})
    assert Identifier("email", "a@example.com") in profile.identifiers


def test_import_defaults() -> None:
    profile = brought({"identifiers": {"loyalty_id": "L1"}})
    assert (profile.lifetime_value, profile.total_orders, profile.created_at) == (Money(0, "EUR"), 0, NOW)
    assert profile.profile_id == brought({"identifiers": {"loyalty_id": "L1"}}).profile_id
    keyed = brought({"identifiers": {"loyalty_id": "L1"}}, {"idempotency-key": "k"})
    assert keyed.profile_id == brought({"identifiers": {"loyalty_id": "L2"}}, {"idempotency-key": "k"}).profile_id


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_an_empty_cell_of_a_table_is_none(nothing: str | None) -> None:
    profile = brought(dict.fromkeys(("lifetime_value", "total_orders", "currency", "created_at"), nothing) | ONE_CARD)
    assert (profile.lifetime_value, profile.total_orders, profile.created_at) == (Money(0, "EUR"), 0, NOW)


@pytest.mark.parametrize("nobody", ["N/A", "none", " null ", "-", "unknown"])
def test_a_word_for_nobody_beside_an_identifier_costs_no_profile(nobody: str) -> None:
    profile = brought({"identifiers": {"loyalty_id": "L1", "email": nobody, "phone": nobody}})
    assert profile.identifiers == (Identifier("loyalty_id", "L1"),)


def test_a_whole_number_that_a_table_made_a_fraction_of_is_whole() -> None:
    ids = {"user_id": 1001.0, "phone": 447700900456.0}
    assert set(brought({"profile_id": 7.0, "identifiers": ids}).identifiers) == {
        Identifier("user_id", "1001"), Identifier("phone", "447700900456"),
    }  # fmt: skip
    assert brought({"profile_id": 7.0, "identifiers": ids}).profile_id == "7"
    for damaged in (1001.5, 1e17, 2.0**53):
        with pytest.raises(Unprocessable, match="user_id must be a string"):
            brought({"identifiers": {"user_id": damaged}})


ONE_CARD = {"identifiers": {"loyalty_id": "L1"}}

CARD = {
    "profile_id": "p1", "identifiers": {"email": ["a@example.com", "b@example.com"], "loyalty_id": "L1"}, "currency": "USD",
    "lifetime_value": 200, "total_orders": 2, "created_at": "2024-01-01T00:00:00Z", "attributes": {"age": 41, "vip": True},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"lifetime_value": 200.0}, {"lifetime_value": "200.00"}, {"total_orders": 2.0}, {"currency": "usd"},
        {"created_at": "2024-01-01T01:00:00+01:00"}, {"attributes": {"vip": True, "age": "41"}},
        {"identifiers": {"loyaltyId": " L1", "email": ["B@example.com", "a@example.com"]}}, {"beside": None},
    ],
    ids=str,
)  # fmt: skip
def test_the_same_profile_in_other_words_is_a_repeat(change: dict[str, Any]) -> None:
    assert brought({**CARD, **change}).fingerprint == brought(CARD).fingerprint


def test_another_profile_is_none() -> None:
    changes: list[dict[str, Any]] = [
        {"lifetime_value": 200.01}, {"total_orders": 3}, {"currency": "EUR"}, {"created_at": None}, {"attributes": {"age": 41}},
        {"identifiers": {"email": "a@example.com"}}, {"source": "crm"},
    ]  # fmt: skip
    assert len({brought({**CARD, **change}).fingerprint for change in [{}, *changes]}) == 1 + len(changes)
    later = Delivery("demo", {}, json.dumps({**CARD, "created_at": None}).encode(), NOW.replace(hour=5), "req-2")
    assert parse_import(later, Defaults("EUR", "GB")).fingerprint == brought({**CARD, "created_at": None}).fingerprint


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"identifiers": {}}, "missing or empty"),
        ({"identifiers": {"email": "guest@hotel.com", "user_id": "null"}}, "only placeholders"),
        ({"total_orders": float(2**31)}, "total_orders"),
        ({"total_orders": "2"}, "total_orders"),
        ({"identifiers": {"email": "nobody"}}, "email"),
        ({"identifiers": {"phone": "12345"}}, "short code"),
        ({"identifiers": {"loyalty_id": "L1", "phone": "12345"}}, "short code"),
        ({"identifiers": {"email": "n/a", "phone": "none"}}, "at least one"),
        ({"profile_id": "a/b"}, "profile_id"),
        ({"profile_id": ".."}, "profile_id"),
        ({"profile_id": "é" * 65}, "profile_id"),
        ({"profile_id": "a\u0000b"}, "profile_id"),
        ({"profile_id": 1.5}, "profile_id"),
        ({"lifetime_value": -1}, "lifetime_value"),
        ({"lifetime_value": "x"}, "lifetime_value"),
        ({"total_orders": -1}, "total_orders must be a whole number from 0 to .*, not -1$"),
        ({"total_orders": "many"}, "total_orders .* not a string$"),
        ({"total_orders": 1.5}, "total_orders"),
        ({"total_orders": True}, "total_orders"),
        ({"created_at": "never"}, "created_at"),
        ({"currency": "??"}, "currency"),
        ({"attributes": {f"a{n}": n for n in range(101)}}, "attributes holds 101 values"),
        ({"attributes": {"a": [1]}}, "not an array"),
        ({"attributes": {"": "x"}}, "1 to 64 characters"),
        ({"attributes": {"x" * 65: "x"}}, "1 to 64 characters"),
        ({"attributes": {"x": "x" * 1001}}, "at most 1000"),
    ],
)
def test_import_refusals(change: dict[str, Any], says: str) -> None:
    with pytest.raises(Unprocessable, match=says):
        brought({"identifiers": {"email": "a@example.com"}, **change})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"a":"\\ud800"}', b"[" * 100_000])
def test_what_is_no_json_object(body: bytes) -> None:
    with pytest.raises(BadInput):
        parse_import(Delivery("demo", {}, body, NOW, "r"), Defaults())


@pytest.mark.parametrize("count", [1, 1_000])
def test_what_names_too_many_is_not_read_to_its_end(count: int) -> None:
    """While it is read nobody else is served: a hundred thousand numbers took three seconds, as many as fit in a body ten."""
    numbers = iter(range(100_000))
    body = [
        {"type": "x", "identifiers": {"phone": [f"+1415{next(numbers) + 2_000_000}" for _ in range(100_000 // count)]}}
        for _ in range(count)
    ]
    began = time.process_time()
    with pytest.raises((TooLarge, Unprocessable), match="more"):
        events(body if count > 1 else body[0])
    assert time.process_time() - began < 1
