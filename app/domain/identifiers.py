"""The one table of identifier types: what each is, how strongly it speaks for a person, and its limits.

A new identifier type is one entry in `TYPES`; sources, the core, the graph and the documentation read it from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from app.domain import normalise
from app.domain.errors import InvalidIdentifier

MAX_VALUE_BYTES = 512


class Identifier(NamedTuple):
    """A typed, normalised value that a sender saw a person use. Equal pairs are the same graph node."""

    type: str
    value: str

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


class Kind(StrEnum):
    STRONG = "strong"  # names a person
    ANONYMOUS = "anonymous"  # names a browser, a phone, a visit: several people may stand behind it


class Channel(StrEnum):
    """What an identifier adds to profile strength (contract, "Profile strength")."""

    EMAIL = "email"
    PHONE = "phone"
    LOYALTY = "loyalty"
    COOKIE = "cookie"
    DEVICE = "device"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class IdentifierType:
    """One row of the table.

    `limit` is how many values one person may hold before a new one is a conflict (1 = exclusive, None = unlimited).
    `fan_out` is how many people's strong identifiers it may be seen with before it counts as shared.
    """

    name: str
    kind: Kind
    limit: int | None
    fan_out: int
    channel: Channel
    normalise: Callable[[str, str], str]
    says: str


def _strong(name: str, limit: int, fan_out: int, channel: Channel, clean: Callable[[str, str], str], says: str) -> IdentifierType:
    return IdentifierType(name, Kind.STRONG, limit, fan_out, channel, clean, says)


def _anonymous(name: str, fan_out: int, channel: Channel, says: str) -> IdentifierType:
    return IdentifierType(name, Kind.ANONYMOUS, None, fan_out, channel, normalise.opaque, says)


# The order is the type priority: the earlier type is kept together first when an event contradicts itself.
_TABLE = (
    _strong("user_id", 1, 5, Channel.NONE, normalise.opaque, "The brand's own account id; one per person."),
    _strong("shopify_customer_id", 1, 5, Channel.NONE, normalise.shopify_customer, "Shopify's customer id; one per person."),
    _strong("square_customer_id", 1, 5, Channel.NONE, normalise.opaque, "Square's customer id; one per person."),
    _strong("lightspeed_customer_id", 1, 5, Channel.NONE, normalise.opaque, "Lightspeed's customer id; one per person."),
    _strong("toast_customer_id", 1, 5, Channel.NONE, normalise.opaque, "Toast's id of a guest; one per person."),
    _strong("loyalty_id", 1, 5, Channel.LOYALTY, normalise.opaque, "A loyalty card; one per person."),
    _strong("email", 5, 10, Channel.EMAIL, normalise.email, "An e-mail address, trimmed and lower-cased."),
    _strong("phone", 5, 10, Channel.PHONE, normalise.phone, "E.164 digits without the plus."),
    _strong("whatsapp", 5, 10, Channel.PHONE, normalise.whatsapp, "A WhatsApp number in E.164, with the plus."),
    _strong("whatsapp_user_id", 5, 10, Channel.PHONE, normalise.opaque, "WhatsApp's business-scoped user id, never digits."),
    _anonymous("device", 5, Channel.DEVICE, "A mobile device id."),
    _anonymous("cookie", 5, Channel.COOKIE, "A browser cookie."),
    _anonymous("anonymous_id", 5, Channel.NONE, "A tracking library's anonymous id."),
    _anonymous("session", 5, Channel.NONE, "One visit's session id."),
)

TYPES: dict[str, IdentifierType] = {row.name: row for row in _TABLE}
PRIORITY: dict[str, int] = {row.name: place for place, row in enumerate(_TABLE)}
STRONG: frozenset[str] = frozenset(row.name for row in _TABLE if row.kind is Kind.STRONG)

# What clients commonly call them, each an alias of a row above.
ALIASES = {
    "cookie_id": "cookie",
    "device_id": "device",
    "session_id": "session",
    "anonymousId": "anonymous_id",
    "userId": "user_id",
    "loyaltyId": "loyalty_id",
    "customer_id": "user_id",
}


def by_priority(identifier: Identifier) -> tuple[int, str]:
    """Sort key: type priority, then value."""
    return PRIORITY[identifier.type], identifier.value


def identifier(type_name: str, raw: object, country: str = "US") -> Identifier | None:
    """The normalised identifier of a raw value, or None when the value is empty (null, "", spaces).

    `country` (ISO 3166 alpha-2) reads phone numbers written without theirs.
    Raises InvalidIdentifier when the type is unknown or the value cannot be one.
    """
    row = TYPES.get(ALIASES.get(type_name, type_name))
    if row is None:
        raise InvalidIdentifier(f"unknown identifier type {type_name!r}; known types: {', '.join(TYPES)}")
    if raw is None:
        return None
    given = normalise.whole_again(raw)
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise InvalidIdentifier(f"{type_name} must be a string, not {type(given).__name__}")
    text = normalise.trimmed(str(given))
    if not text:
        return None
    if not normalise.is_clean(text):
        raise InvalidIdentifier(f"{type_name} holds a character that is not valid text (a lone surrogate or a control character)")
    if len(text.encode()) > MAX_VALUE_BYTES:
        raise InvalidIdentifier(f"{type_name} is longer than {MAX_VALUE_BYTES} bytes; send the identifier itself, not a document")
    return Identifier(row.name, row.normalise(text, country))
