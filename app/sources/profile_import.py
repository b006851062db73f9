"""A profile that exists elsewhere, brought in as it is: the body of POST /api/profiles. No event comes of it."""

import re
from dataclasses import replace

from app.domain.blocked import is_blocked, is_placeholder_word
from app.domain.errors import BadInput, Unprocessable
from app.domain.events import Money, ProfileImport, stable_id
from app.domain.money import currency_code
from app.domain.normalise import is_clean, whole_again
from app.domain.times import parse_time
from app.sources.base import Defaults, Delivery, Example
from app.sources.commerce import money
from app.sources.envelope import source_name
from app.sources.people import country_of, free_attributes, listed, people
from app.sources.reading import JsonObject, body_key, canonical, first_given, header, load_object, obj, shown, text

NAME = "import"
MAX_ID_BYTES = 128
MAX_ORDERS = 2**31 - 1

_NOT_IN_A_PATH = re.compile(r"[/?#%\\]|\A\.{1,2}\Z")


def parse_import(delivery: Delivery, defaults: Defaults) -> ProfileImport:
    """The profile of the body. Raises BadInput when it is no JSON object, Unprocessable on bad content."""
    body = load_object(delivery.body)
    try:
        return _profile(delivery, defaults, body)
    except Unprocessable:
        raise
    except BadInput as error:
        raise Unprocessable(error.detail, **error.extra) from error


def _profile(delivery: Delivery, defaults: Defaults, body: JsonObject) -> ProfileImport:
    traits = obj(body, "attributes")
    who = people(listed(body), country_of(defaults.country, body), strict=True)
    for refused in who.set_aside:
        if not is_placeholder_word(refused["value"].strip()):  # N/A in a column says as little as an empty cell
            raise BadInput(refused["reason"])
    if not who.identifiers:
        raise BadInput("identifiers is missing or empty; a profile needs at least one, such as an email")
    if all(map(is_blocked, who.identifiers)):
        raise BadInput("identifiers holds only placeholders, by which nobody can be found; send at least one of a person")
    currency = currency_code(body.get("currency"), defaults.currency, "currency")
    _, value = first_given(body, "lifetime_value")
    read = ProfileImport(
        brand_id=delivery.brand_id,
        profile_id=_profile_id(delivery, body),
        identifiers=who.identifiers,
        lifetime_value=Money(0, currency) if value is None else money(value, currency, "lifetime_value"),
        total_orders=_orders(body),
        created_at=parse_time(body.get("created_at"), "created_at", delivery.received_at),
        received_at=delivery.received_at,
        attributes=free_attributes(traits),
        source=source_name(body.get("source"), NAME),
        request_id=delivery.request_id,
    )
    return replace(read, fingerprint=_fingerprint(read))


def _fingerprint(read: ProfileImport) -> str:
    """A digest of what was understood, so that 200, 200.0 and "200.00" are the same profile. When it came is no content."""
    created_at = None if read.created_at == read.received_at else read.created_at
    spent = (read.lifetime_value.minor, read.lifetime_value.currency)
    content = (sorted(map(list, read.identifiers)), spent, read.total_orders, created_at, sorted(read.attributes), read.source)
    return body_key(canonical(content))


def _profile_id(delivery: Delivery, body: JsonObject) -> str:
    """The id given, else one that the same call always gets."""
    given = text(body, "profile_id")
    if given is None:
        key = header(delivery, "idempotency-key")
        return stable_id(delivery.brand_id, NAME, f"key:{key}" if key is not None else body_key(delivery.body))
    if len(given.encode()) > MAX_ID_BYTES or not is_clean(given) or _NOT_IN_A_PATH.search(given):
        raise BadInput(f"profile_id is part of a path: at most {MAX_ID_BYTES} bytes, no control characters, no / ? # % \\")
    return given


def _orders(body: JsonObject) -> int:
    _, said = first_given(body, "total_orders")
    if said is None:
        return 0
    given = whole_again(said)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MAX_ORDERS:
        raise BadInput(f"total_orders must be a whole number from 0 to {MAX_ORDERS:,}, not {shown(given)}")
    return given


EXAMPLE = Example(
    headers={"content-type": "application/json"},
    body=b"""{
  "profile_id": "prof-101",
  "identifiers": {"email": "customer@example.com", "phone": "+1-555-1111"},
  "lifetime_value": 200.00,
  "currency": "USD",
  "total_orders": 2,
  "created_at": "2024-01-01T00:00:00Z",
  "attributes": {"first_name": "Ann"}
}""",
    types=(),
)
