"""Every source reads a phone number by the country its payload names, wherever senders write it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.sources import SOURCES
from app.sources.base import Defaults, Delivery
from app.sources.people import country_of
from app.sources.profile_import import parse_import

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NATIONAL, STORED = "07700 900456", "447700900456"
PLACES: list[dict[str, Any]] = [
    {"country": "gb"},
    {"country": "UK"},
    {"country_code": "GB"},
    {"store_country": "GB"},
    {"country": "United Kingdom", "country_code": "GB"},
    {"country": 44, "attributes": {"country": "GB"}},
    {"attributes": {"country_code": "GB"}},
    {"address": {"country": "GB"}},
    {"billing_address": {"country_code": "GB"}},
    {"shipping_address": {"country": "GB"}},
    {"default_address": {"country_code": "GB"}},
]
BODIES: dict[str, dict[str, Any]] = {
    "shopify": {"id": 1, "total_price": "5", "phone": NATIONAL},
    "twilio": {"MessageSid": "SM1", "From": NATIONAL, "Body": "hi"},
    "pos": {"total": 5, "phone": NATIONAL},
    "tracking": {"event": "x", "phone": NATIONAL},
    "canonical": {"type": "x", "identifiers": {"phone": NATIONAL}},
    "import": {"identifiers": {"phone": NATIONAL}},
}


def phone(name: str, body: dict[str, Any]) -> str:
    delivery = Delivery("demo", {}, json.dumps(body).encode(), NOW, "r")
    if name == "import":
        return parse_import(delivery, Defaults()).identifiers[0].value
    source = next(source for source in SOURCES if source.name == name)
    return source.parse(delivery, Defaults()).events[0].identifiers[0].value


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("name", BODIES)
def test_wherever_the_country_stands(name: str, place: dict[str, Any]) -> None:
    country = place.get("country")
    if name in {"pos", "tracking"} and isinstance(country, int):
        place = {"attributes": place["attributes"]}  # there `country` is an attribute, which is text
    assert phone(name, {**BODIES[name], **place}) == STORED


def test_properties_and_customers_say_it_too() -> None:
    for name in ("tracking", "canonical"):
        assert phone(name, {**BODIES[name], "properties": {"country_code": "GB"}}) == STORED
    assert phone("shopify", {**BODIES["shopify"], "customer": {"default_address": {"country_code": "GB"}}}) == STORED


def test_the_nearest_place_counts_and_none_is_the_default() -> None:
    assert country_of("US", {"country": "GB", "billing_address": {"country": "DE"}}, {"country": "FR"}) == "GB"
    assert country_of("US", {"billing_address": {"country": "DE"}, "shipping_address": {"country": "IT"}}) == "DE"
    assert country_of("US", {}, {"country": "FR"}) == "FR"
    assert country_of("US", {"country": None, "country_code": ["GB"], "address": "GB", "attributes": []}) == "US"
