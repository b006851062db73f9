"""What holds for every source, whatever is sent: it answers with events, or with BadInput, and nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import orjson
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from app import sources
from app.domain.errors import BadInput
from app.domain.events import REFUND
from app.domain.identifiers import ALIASES, TYPES
from app.sources import EXAMPLES, SOURCES, profile_import
from app.sources.base import Defaults, Delivery, Parsed, Source
from app.sources.profile_import import parse_import

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIELDS = """
id token topic updated_at created_at processed_at occurred_at timestamp currency total total_price total_spent
total_price_set shop_money amount currency_code customer default_address billing_address country_code country
line_items items product_id product_name title price quantity category first_name name customer_locale contact_email
event type properties identifiers attributes source idempotency_key check_in_at check_out_at store_id transaction_id
order_id From To Body MessageSid MessageStatus SmsStatus ExternalUserId ProfileName FromCountry CallSid profile_id
lifetime_value total_orders traits context ecommerce messageId revenue value item_id cancelled_at test sms_marketing_phone
customer_email customer_phone firstName EventType admin_graphql_api_id orders_count verified_email
batch previousId originalTimestamp sentAt writeKey products address integrations
"""
WORDS = sorted({*TYPES, *ALIASES, *FIELDS.split()})
PLAUSIBLE = [
    "", "a@example.com", "+1-555-0123", "555-0123", "whatsapp:+15550123", "whatsapp:GB.1", "2024-01-15T10:00:00Z",
    "89.99", "purchase", "store_visit", "cart_add", "GB", "USD", "received", "null", "0000000",
    "x" * 600, "a\x00b", "1e999", "gid://shopify/Customer/1", "onMessageAdded", "page", "group", "\ufeff", "1001.0",
    "identify", "track", "alias", "Order Completed", "Order Refunded",
]  # fmt: skip
TEXTS = st.text(max_size=12) | st.sampled_from(PLAUSIBLE)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=12)
TOPICS = st.sampled_from([None, "orders/create", "customers/update", "checkouts/create", "app/uninstalled"])

every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


def held(parse: Callable[[Delivery, Defaults], object], body: bytes, topic: str | None = None) -> None:
    headers = {"x-shopify-topic": topic} if topic else {}
    delivery = Delivery("demo", headers, body, NOW, "req-1")
    try:
        parsed = parse(delivery, Defaults("USD", "GB"))
    except BadInput as error:
        error.detail.encode()  # no lone surrogate reaches the answer
        return
    assert parse(delivery, Defaults("USD", "GB")) == parsed
    if isinstance(parsed, Parsed):
        storable(parsed)


def storable(parsed: Parsed) -> None:
    for event in parsed.events:
        assert isinstance(json.loads(event.properties), dict)
        assert len(set(event.identifiers)) == len(event.identifiers)
        assert event.occurred_at.tzinfo is UTC
        assert event.total is None or 0 <= event.total.minor * (-1 if event.type == REFUND else 1) < 10**15
        for text in (event.raw, event.type, event.source, *(part for pair in event.attributes for part in pair)):
            text.encode()
        for identifier in event.identifiers:
            assert identifier.value
            assert len(identifier.value.encode()) <= 600


# Every source is given every body: to make one up takes much longer than to read it.


def held_by_all(body: bytes, topic: str | None = None) -> None:
    for source in SOURCES:
        note(source.name)
        held(source.parse, body, topic)
    note("import")
    held(parse_import, body)


@given(body=BODIES, topic=TOPICS)
@settings(max_examples=300, deadline=None)
def test_any_json_object(body: dict[str, object], topic: str | None) -> None:
    held_by_all(json.dumps(body).encode(), topic)


@given(body=st.lists(BODIES, max_size=3))
@settings(deadline=None)
def test_any_json_list(body: list[object]) -> None:
    held_by_all(json.dumps(body).encode())


@given(body=st.binary(max_size=200), topic=TOPICS)
@settings(deadline=None)
def test_any_bytes(body: bytes, topic: str | None) -> None:
    held_by_all(body, topic)


HOSTILE = {
    "empty": b"",
    "no JSON": b"{'a': 1}",
    "not UTF-8": b'{"a": "\xff"}',
    "deep list": b"[" * 100_000,
    "deep object": b'{"properties":' * 100_000,
    "deep inside": b'{"event":"x","type":"x","total":1,"note":' + b"[" * 500 + b"]" * 500 + b"}",
    "infinite": b'{"total": 1e999, "event": "purchase", "type": "purchase"}',
    "not a number": b'{"total": NaN}',
}


@every_source
@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "deep inside"])
def test_hostile_bodies_are_refused(source: Source, name: str) -> None:
    with pytest.raises(BadInput):
        source.parse(Delivery("demo", {"content-type": "application/json"}, HOSTILE[name], NOW, "r"), Defaults())


@pytest.mark.parametrize("name", ["tracking", "canonical"])
def test_what_could_be_read_but_not_stored_is_refused(name: str) -> None:
    source = next(source for source in SOURCES if source.name == name)
    with pytest.raises(BadInput, match="nest it less deeply"):
        source.parse(Delivery("demo", {}, HOSTILE["deep inside"], NOW, "r"), Defaults())


@every_source
def test_a_lone_surrogate_is_refused(source: Source) -> None:
    example = EXAMPLES[source.name]
    body = example.body.replace(b"{", b'{"note": "\\ud800",', 1)
    with pytest.raises(BadInput):
        source.parse(Delivery("demo", example.headers, body, NOW, "r"), Defaults())


@every_source
def test_the_example_gives_what_it_says(source: Source) -> None:
    example = EXAMPLES[source.name]
    parsed = source.parse(Delivery("demo", example.headers, example.body, NOW, "r"), Defaults())
    assert tuple(event.type for event in parsed.events) == example.types
    assert all(event.identifiers for event in parsed.events)
    assert len({event.delivery_id for event in parsed.events}) == 1
    orjson.loads(parsed.events[0].raw)


def test_the_example_of_an_import_is_one() -> None:
    example = profile_import.EXAMPLE
    assert parse_import(Delivery("demo", example.headers, example.body, NOW, "r"), Defaults()).profile_id == "prof-101"


def test_names_and_routes_are_each_once() -> None:
    names = [name for source in SOURCES for name in source.names]
    assert len(set(names)) == len(names)
    assert len({source.path for source in SOURCES}) == len(SOURCES)


def test_every_file_of_a_source_is_listed() -> None:
    rooms = (import_module(f"app.sources.{file.stem}") for file in Path(sources.__file__).parent.glob("*.py"))
    missing = {
        room.__name__ for room in rooms if isinstance(getattr(room, "SOURCE", None), Source) and room.SOURCE not in SOURCES
    }
    assert not missing, "put it into _MODULES of app/sources/__init__.py"
