"""Segment's libraries: bodies of theirs byte for byte, each call, and what holds whatever is sent."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import BadInput, TooLarge
from app.domain.events import Event, Money
from app.domain.identifiers import Identifier
from app.sources import tracking
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.reading import MOST_MENDED
from app.sources.segment import CALLS, INVALID, MAX_MESSAGES, parse, write_key_of
from tests.sources.test_laws import BODIES, HOSTILE, VALUES, held

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "segment"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
USER, ANON = Identifier("user_id", "u-1"), Identifier("anonymous_id", "a-1")
WHO: dict[str, Any] = {"userId": "u-1", "anonymousId": "a-1"}


def delivery(body: object, headers: dict[str, str] | None = None) -> Delivery:
    return Delivery("demo", headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode(), NOW, "req-1")


def deliver(body: object, call: str | None = None) -> Parsed:
    return parse(delivery(body), call, Defaults("USD", "GB"))


def one(body: object, call: str | None = None) -> Event:
    (event,) = deliver(body, call).events
    return event


def batch(*messages: object, **beside: object) -> tuple[Event, ...]:
    return deliver({"batch": list(messages), **beside}, "batch").events


def payload(number: str, call: str) -> tuple[Event, ...]:
    arrived = from_file(number)
    assert write_key_of(arrived) == "WK_brand_a"
    return parse(arrived, call, Defaults()).events


def from_file(number: str) -> Delivery:
    body = next(path for path in PAYLOADS.glob(f"{number}_*") if ".headers" not in path.name)
    headers = json.loads(body.with_suffix(".headers.json").read_text())
    return delivery(body.read_bytes(), {name.lower(): value for name, value in headers.items()})


def said(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.properties)
    return found


def test_the_batch_of_a_library_is_an_event_of_each_call() -> None:
    identify, bought, page, alias, group, screen = events = payload("01", "batch")
    assert [one.type for one in events] == ["identify", "purchase", "page", "alias", "group", "screen"]
    user, anonymous = Identifier("user_id", "u-1001"), Identifier("anonymous_id", "anon-7f")
    named = (Identifier("email", "zoë.ångström@example.com"), Identifier("phone", "447700900123"))
    assert set(identify.identifiers) == {user, anonymous, *named}
    assert dict(identify.attributes) == {"first_name": "Zoë"}
    assert (bought.total, bought.order_id, bought.identifiers) == (Money(4250, "GBP"), "5001", (user,))
    assert page.identifiers == screen.identifiers == (anonymous,)
    assert set(alias.read_as({anonymous}.__contains__).identifiers) == {user, anonymous}
    assert (group.identifiers, group.attributes) == ((user,), ())
    assert {one.source for one in events} == {"segment"}
    assert len({one.delivery_id for one in events}) == len({one.event_id for one in events}) == 6
    assert bought.occurred_at == datetime(2026, 11, 23, 2, 51, 8, 242_000, tzinfo=UTC)
    assert json.loads(bought.raw)["messageId"] == "6e0f6942-6bfc-4c92-83de-7b95dd41931f"


def test_what_a_browser_says_as_plain_text_is_read() -> None:
    (event,) = payload("06", "identify")
    assert set(event.identifiers) == {
        Identifier("user_id", "u-1001"), Identifier("anonymous_id", "6d1c9a4e-aaaa"),
        Identifier("email", "zoe.angstrom@example.com"), Identifier("phone", "447700900123"),
    }  # fmt: skip
    assert "WK_brand_a" not in event.raw + event.properties


def test_an_alias_joins_the_browser_to_the_person() -> None:
    (event,) = payload("09", "alias")
    first = event.read_as(set[Identifier]().__contains__)
    assert set(first.identifiers) == {Identifier("user_id", "u-1001"), Identifier("anonymous_id", "6d1c9a4e-aaaa")}
    assert (first.joins, "previousId" in said(event)) == (False, False)


def test_a_shared_browser_is_an_event_of_each_shopper() -> None:
    events = payload("12", "batch")
    assert len(events) == 25
    for number, event in enumerate(events):
        assert set(event.identifiers) == {
            Identifier("anonymous_id", "kiosk-1"), Identifier("user_id", f"u-k{number}"),
            Identifier("email", f"shopper{number}@example.com"),
        }  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_each_call_by_its_route_and_by_its_own_word(call: str) -> None:
    message = {**WHO, "event": "Signed Up", "properties": {"plan": "gold"}, "messageId": "m-1"}
    told = one({**message, "type": call})
    assert told.type == ("Signed Up" if call == "track" else call)
    assert set(told.identifiers) == {USER, ANON}
    assert said(told)["plan"] == "gold"
    for word in (None, "batch", *CALLS):  # the route counts
        routed = one({**message, "type": word}, call)
        assert replace(routed, raw=told.raw) == told


@pytest.mark.parametrize("event", [None, "", 5, "x" * 101, "a\nb"])
def test_a_track_call_names_its_event(event: object) -> None:
    with pytest.raises(BadInput, match="event must name the event"):
        deliver({**WHO, "event": event}, "track")


@pytest.mark.parametrize("word", [None, "Identify", "delete", 5, ["track"], {}])
def test_a_message_that_no_route_names_says_what_it_is(word: object) -> None:
    with pytest.raises(BadInput, match="type must name the call"):
        deliver({**WHO, "type": word})


def test_a_body_that_no_route_names_may_be_a_batch() -> None:
    body = {**WHO, "batch": [{**WHO, "type": "page"}] * 2}
    assert [one.type for one in deliver(body).events] == ["page", "page"]
    assert one(body, "screen").type == "screen"


ORDER = {
    "order_id": "O-1",
    "currency": "EUR",
    "products": [{"product_id": "P-1", "name": "Wool throw", "price": 20, "quantity": 2}],
}


@pytest.mark.parametrize(
    ("event", "paid", "stored", "minor"),
    [
        ("Order Completed", {"total": 45, "revenue": 40}, "purchase", 4500),
        ("order completed", {"revenue": 40}, "purchase", 4000),
        ("Order Updated", {"total": 30}, "order_updated", 3000),
        ("Order Refunded", {"total": 30}, "refund", -3000),
        ("Order Refunded", {}, "refund", -4000),
        ("Order Cancelled", {"total": 45}, "order_cancelled", None),
    ],
)
def test_what_segment_says_of_an_order_counts(event: str, paid: dict[str, Any], stored: str, minor: int | None) -> None:
    told = one({**WHO, "event": event, "properties": {**ORDER, **paid}}, "track")
    assert (told.type, told.order_id, told.total) == (stored, "O-1", None if minor is None else Money(minor, "EUR"))
    assert [(item.product_id, item.name, item.quantity) for item in told.items] == [("P-1", "Wool throw", 2)]
    assert told.order == ("segment", "O-1")


def test_a_checkout_begins_and_a_cart_grows() -> None:
    begun = one({**WHO, "event": "Checkout Started", "properties": {**ORDER, "value": 40}}, "track")
    assert (begun.type, begun.order_id, begun.total, len(begun.items)) == ("checkout", None, None, 1)
    added = one({**WHO, "event": "Product Added", "properties": {"product_id": "P-1", "name": "Wool throw"}}, "track")
    assert (added.type, added.items[0].name, added.attributes) == ("product added", "Wool throw", ())


TRAITS = {
    "email": "Ann@example.com", "phone": "07700 900123", "loyaltyId": "L-1", "firstName": "Ann", "address": {"country": "GB"},
    "id": "crm-9", "plan": "gold",
}  # fmt: skip


@pytest.mark.parametrize("told", [{"traits": TRAITS}, {"context": {"traits": TRAITS}}])
def test_traits_name_the_person_wherever_they_stand(told: dict[str, Any]) -> None:
    (event,) = parse(delivery({"userId": "u-1", **told}), "identify", Defaults("USD", "US")).events
    assert set(event.identifiers) == {
        USER, Identifier("email", "ann@example.com"), Identifier("phone", "447700900123"), Identifier("loyalty_id", "L-1"),
    }  # fmt: skip
    assert dict(event.attributes) == {"first_name": "Ann"}
    assert "ann@example.com" not in event.properties.lower()


def test_a_groups_traits_are_a_companys_and_an_events_name_is_none() -> None:
    company = one({**WHO, "groupId": "acme", "traits": {"email": "info@acme.com", "name": "Acme"}}, "group")
    assert (set(company.identifiers), company.attributes) == ({USER, ANON}, ())
    assert said(company)["groupId"] == "acme"
    event = one({**WHO, "event": "group", "traits": {"email": "ann@example.com"}}, "track")
    assert (event.type, len(event.identifiers)) == ("group", 3)


def test_the_name_of_a_page_is_nobodys() -> None:
    for call in ("page", "screen"):
        event = one({**WHO, "name": "Home", "category": None, "properties": {"title": "Home"}}, call)
        assert (event.attributes, event.items, said(event)["name"]) == ((), (), "Home")


@pytest.mark.parametrize("nobody", [{}, {"userId": None, "anonymousId": None}, {"userId": "", "anonymousId": " "}])
def test_ids_that_are_null_are_nobody(nobody: dict[str, Any]) -> None:
    for call in CALLS:
        assert one({**nobody, "event": "x", "previousId": None}, call).identifiers == ()


def test_who_somebody_was_before_is_said_by_an_alias_alone() -> None:
    message, before = {"userId": "u-1", "previousId": "a-1"}, Identifier("user_id", "a-1")
    alias = one(message, "alias")
    assert (alias.identifiers, alias.either, alias.joins) == ((USER, ANON, before), (before, ANON), True)
    assert one({**message, "previousId": 17}, "alias").either[1] == Identifier("anonymous_id", "17")
    assert one(message, "identify").identifiers == (USER,)
    beside = {"context": {"traits": {"email": "ann@example.com"}}, "email": "ann@example.com", "anonymousId": "a-2"}
    assert set(one({**message, **beside}, "alias").identifiers) == {*alias.identifiers, Identifier("anonymous_id", "a-2")}
    for nobody in ("u-1", "null", "", None):  # themselves, a placeholder, nobody
        assert one({**message, "previousId": nobody}, "alias").either == ()


def test_when_it_happened() -> None:
    hours = {"timestamp": 10, "originalTimestamp": 11, "sentAt": 12}
    message = {"event": "x", **{name: f"2026-09-01T{hour}:00:00.000Z" for name, hour in hours.items()}}
    for hour in hours.values():
        assert one(message, "track").occurred_at == datetime(2026, 9, 1, hour, tzinfo=UTC)
        del message[next(name for name in hours if name in message)]
    assert one(message, "track").occurred_at == NOW


def test_a_message_is_known_by_its_id_else_by_its_content() -> None:
    message = {**WHO, "event": "x"}
    first, again = (one({**message, "messageId": "m-1", "sentAt": f"2026-09-01T1{n}:00:00Z"}, "track") for n in range(2))
    assert first.event_id == again.event_id == one({**message, "messageId": " m-1 "}, "track").event_id
    assert first.event_id != one({**message, "messageId": "m-2"}, "track").event_id
    turned = dict(reversed(message.items()))
    assert one(message, "track").event_id == one({**turned, "writeKey": "K"}, "track").event_id
    assert one(message, "track").event_id != one({**message, "event": "y"}, "track").event_id
    tracked = tracking.parse(delivery({**message, "messageId": "m-1"}), Defaults()).events[0]
    assert tracked.event_id != first.event_id  # another source's


def test_a_bad_message_loses_none_of_its_neighbours() -> None:
    good = {**WHO, "type": "track", "event": "x", "messageId": "m-1"}
    bad: list[Any] = [
        {**good, "event": None}, {**good, "type": "delete"}, {"userId": {"a": 1}, "type": "page"}, "x", None, [good],
        {**good, "timestamp": "yesterday"}, {**good, "event": "Order Completed", "properties": {"total": -5}}, {},
        {**good, "properties": "x"}, {"type": ["page"], "messageId": 7},
    ]  # fmt: skip
    events = batch(*(message for one in bad for message in (good, one)))
    assert events[::2] == (one(good),) * len(bad)
    for event, message in zip(events[1::2], bad, strict=True):
        assert (event.type, event.identifiers, event.total, event.occurred_at) == (INVALID, (), None, NOW)
        assert said(event)["problem"]
        word = message.get("type") if isinstance(message, dict) else None
        assert said(event)["call"] == (word if isinstance(word, str) else None)
        assert json.loads(event.raw) == message


def test_what_is_wrong_with_a_message_is_said_in_short() -> None:
    (event,) = batch({"type": "x" * 500, "identifiers": {"y" * 5_000: 1}})
    assert len(said(event)["call"]) == 100
    (event,) = batch({"type": "page", "identifiers": {"y" * 5_000: 1}})
    assert 100 < len(said(event)["problem"]) <= 1_000


def test_a_message_that_is_nested_too_deeply_is_kept_without_what_is_nested() -> None:
    deep = b'{"type":"page","messageId":"m-1","userId":"u-1","note":' + b"[" * 600 + b"]" * 600 + b"}"
    with pytest.raises(BadInput, match="nest it less deeply"):
        deliver(deep)
    bad, good = deliver(b'{"batch":[' + deep + b',{"type":"page","userId":"u-1"}]}', "batch").events
    assert (bad.type, good.type) == (INVALID, "page")
    assert "nest it less deeply" in said(bad)["problem"]
    assert json.loads(bad.raw) == {"type": "page", "messageId": "m-1", "userId": "u-1"}
    (listed,) = deliver(b'{"batch":[' + b"[" * 600 + b"]" * 600 + b"]}", "batch").events
    assert (listed.type, listed.raw) == (INVALID, "{}")


@pytest.mark.parametrize("body", [b"[]", b"5", {}, {"batch": None}, {"batch": {}}, {"batch": "x"}, {"event": "x"}])
def test_what_is_no_batch_is_refused(body: object) -> None:
    with pytest.raises(BadInput, match=r"batch must be an array|must be a JSON object"):
        deliver(body, "batch")


NO_JSON = {name: body for name, body in HOSTILE.items() if name != "not a number"}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    for call in ("batch", *CALLS):
        with pytest.raises(BadInput):
            deliver(body, call)
    assert write_key_of(delivery(body)) is None


def test_what_a_library_writes_that_is_no_json_loses_no_batch() -> None:
    """JavaScript cuts a text within a character, and Python has numbers that JSON has not."""
    cut = rb'{"type":"page","name":"\ud83d","userId":"u-1","properties":{"seen":NaN,"n":[-Infinity,1.5,"\ud83d\udc4b"]}}'
    first, second = deliver(b'{"batch":[' + cut + b',{"type":"page","userId":"u-1"}],"writeKey":"WK"}', "batch").events
    assert (first.type, first.identifiers, second.identifiers) == ("page", (USER,), (USER,))
    assert said(first) == {"name": "?", "seen": None, "n": [None, 1.5, "👋"]}
    assert write_key_of(delivery(b'{"writeKey":"WK","x":"\\udc4b"}')) == "WK"
    assert one(cut.replace(rb"\ud83d", b"\xed\xa0\xbd", 1)) == first
    assert write_key_of(delivery(b'{"writeKey":"WK","x":NaN' + b" " * MOST_MENDED + b"}")) is None  # it would take too long


def test_a_batch_has_an_end() -> None:
    assert batch() == ()
    assert len(batch(*[{"type": "page"}] * MAX_MESSAGES)) == MAX_MESSAGES
    with pytest.raises(TooLarge, match="at most 1,000 messages, this one 1,001"):
        batch(*[{"type": "page"}] * (MAX_MESSAGES + 1))


def test_what_a_batch_says_of_its_messages_holds_for_those_that_do_not_say_it() -> None:
    of_all = {"traits": {"email": "ann@example.com"}, "locale": "de-DE"}
    own = {"traits": {"email": "bo@example.com"}}
    messages = [{"type": "page", "context": context} for context in (None, {}, own)]
    first, second, third = batch(*messages, context=of_all, integrations={"All": True})
    assert first.identifiers == second.identifiers == (Identifier("email", "ann@example.com"),)
    assert third.identifiers == (Identifier("email", "bo@example.com"),)
    assert said(first)["context"] == {"locale": "de-DE"}
    assert said(third)["integrations"] == {"All": True}
    alone = one({"type": "page", "context": of_all, "integrations": {"All": True}})
    assert first == alone
    other = batch(messages[0], context={"traits": {"email": "cy@example.com"}})[0]
    assert other.event_id != first.event_id  # another's, though the messages read the same


def test_what_a_batch_says_of_its_messages_is_not_multiplied_without_end() -> None:
    page, note = {"type": "page"}, {"note": "x" * 10_000}
    assert len(batch(*[page] * 100, context=note)) == 100
    with pytest.raises(TooLarge, match="at each of its messages"):
        batch(*[page] * 1_000, context=note)


def basic(credentials: bytes, scheme: str = "Basic") -> dict[str, str]:
    return {"authorization": f"{scheme} {b64encode(credentials).decode()}"}


@pytest.mark.parametrize(
    ("headers", "body", "key"),
    [
        (basic(b"WK:"), {}, "WK"),
        (basic(b"WK"), {}, "WK"),
        (basic(b"WK:se:cret"), {"writeKey": "other"}, "WK"),
        (basic(b"WK:", "bAsIc"), b"no JSON", "WK"),
        ({}, {"writeKey": " WK "}, "WK"),
        ({}, {"batch": [], "writeKey": "WK"}, "WK"),
        (basic(b":password"), {"writeKey": "WK"}, "WK"),
        (basic(b"WK:", "Bearer"), {"writeKey": "other"}, "other"),
        ({"authorization": "Basic %%%"}, {"writeKey": "WK"}, "WK"),
        ({"authorization": "Basic %%%"}, {}, None),
        ({"authorization": "Basic V!0s6"}, {}, None),
        ({"authorization": "Basic"}, {}, None),
        (basic(b"\xff\xfe:"), {}, None),
        (basic(b"W\x00K:"), {}, None),
        (basic(b"k" * 512 + b":"), {}, "k" * 512),
        (basic(b"k" * 513 + b":"), {}, None),
        ({}, {"writeKey": "k" * 513}, None),
        ({}, {"writeKey": 5}, None),
        ({}, {"writeKey": ["WK"]}, None),
        ({}, {"writeKey": ""}, None),
        ({}, {}, None),
        ({}, b"[]", None),
        ({}, b"no JSON", None),
    ],
)
def test_whose_key_a_call_brings(headers: dict[str, str], body: object, key: str | None) -> None:
    assert write_key_of(delivery(body, headers)) == key


TYPED = st.builds(lambda body, call: {**body, "type": call}, BODIES, st.sampled_from(CALLS))
MESSAGES = st.lists(TYPED | BODIES | VALUES, max_size=4)
ROUTES = st.sampled_from([None, "batch", *CALLS])


@given(body=BODIES | VALUES | MESSAGES.map(lambda messages: {"batch": messages}), call=ROUTES)
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(body: object, call: str | None) -> None:
    raw = json.dumps(body).encode()
    held(lambda arrived, defaults: parse(arrived, call, defaults), raw)
    write_key_of(delivery(raw))


@given(
    body=st.binary(max_size=200),
    authorization=st.text(max_size=20) | st.binary(max_size=20).map(lambda b: basic(b)["authorization"]),
)
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes, authorization: str) -> None:
    held(lambda arrived, defaults: parse(arrived, None, defaults), body)
    key = write_key_of(delivery(body, {"authorization": authorization}))
    assert key is None or 1 <= len(key) <= 512


@given(messages=MESSAGES)
@settings(max_examples=300, deadline=None)
def test_a_batch_is_its_messages_sent_alone(messages: list[Any]) -> None:
    events = batch(*messages)
    assert len(events) == len(messages)
    for event, message in zip(events, messages, strict=True):
        word = message.get("type") if isinstance(message, dict) else None
        try:
            if word not in CALLS:
                raise BadInput("a message of a batch says what it is")
            assert event == one(message, word)
        except BadInput:
            assert (event.type, event.identifiers, event.total, event.order_id) == (INVALID, (), None, None)
