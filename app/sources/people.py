"""Whom a payload names: identifiers that can be told apart from those that are set aside, and golden attributes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.domain.blocked import is_blocked, is_nameless
from app.domain.errors import BadInput
from app.domain.identifiers import ALIASES, TYPES, Identifier, identifier
from app.domain.normalise import Malformed, Unlinkable, is_region
from app.sources.reading import JsonObject, kind, says_nothing, text

KNOWN_NAMES = frozenset(TYPES) | frozenset(ALIASES)
MAX_IDENTIFIERS = 100  # of one event
MAX_ATTRIBUTE = 1_000  # characters of one attribute
MAX_ATTRIBUTES = 100  # of one event or import
ATTRIBUTE_NAMES = ("first_name", "last_name", "name", "city", "country", "locale", "language", "gender", "birthday")

# Where senders write the country: in these fields, of the body itself or of these parts of it.
_COUNTRY_FIELDS = ("country_code", "country", "store_country")
_COUNTRY_PARTS = ("attributes", "address", "billing_address", "shipping_address", "default_address")

_USUAL_NAMES = {"UK": "GB"}

# Of what a tracker knows of a person: its other ids may be of any system.
_TRAITS = ("email", "phone", "whatsapp", "loyalty_id", "loyaltyId")
_HINTS = (*((name, name) for name in ATTRIBUTE_NAMES), ("first_name", "firstName"), ("last_name", "lastName"))

Named = tuple[str, object]  # a type or alias, and the raw value given for it
Attributes = tuple[tuple[str, str], ...]  # name and value


@dataclass(frozen=True, slots=True)
class People:
    """The identifiers of one event, each once and in the order given; `set_aside` are the values that cannot be one, `either`
    those of which one is meant (`Event.either`)."""

    identifiers: tuple[Identifier, ...]
    set_aside: tuple[dict[str, str], ...] = ()
    either: tuple[Identifier, ...] = ()

    def noted_in(self, properties: JsonObject) -> JsonObject:
        """The properties, with `invalid_identifiers` where something was set aside."""
        return {**properties, "invalid_identifiers": list(self.set_aside)} if self.set_aside else properties


def people(named: Iterable[Named], country: str, *, strict: bool = False) -> People:
    """Normalises the raw values given; empty ones and nulls are nobody.

    A value that cannot link (a short code, a local-only number, a placeholder word) is set aside. A malformed e-mail or
    phone is set aside too, so that a platform's order is not lost; with `strict` it raises InvalidIdentifier. A wrong
    type of value, an unknown identifier type, one over-long or with control characters is BadInput everywhere.
    """
    excused: type[Malformed] = Unlinkable if strict else Malformed
    found: dict[Identifier, None] = {}
    aside: list[dict[str, str]] = []
    for name, raw in named:
        try:
            one = identifier(name, raw, country)
        except excused as error:
            aside.append({"type": ALIASES.get(name, name), "value": str(raw)[:64], "reason": error.detail})
        else:
            if one is not None:
                found[one] = None
        if len(found) + len(aside) > MAX_IDENTIFIERS:  # now: to read a hundred thousand numbers takes seconds
            raise BadInput(f"one event names at most {MAX_IDENTIFIERS} identifiers; this one names more")
    return People(tuple(found), tuple(aside))


def or_a_user(who: People, named: Identifier) -> People:
    """Who a payload names, where one of their anonymous ids may as well be an account's: its sender does not say which."""
    user = Identifier("user_id", named.value)
    if named not in who.identifiers or user in who.identifiers or is_blocked(user):
        return who
    return replace(who, identifiers=(*who.identifiers, user), either=(user, named))


def top_level(data: Mapping[str, object]) -> Iterator[Named]:
    """The fields of an object that are called like an identifier type or an alias."""
    return ((name, data[name]) for name in data if name in KNOWN_NAMES)


def listed(data: Mapping[str, object], name: str = "identifiers") -> Iterator[Named]:
    """The pairs of an `identifiers` object {type: value or [values]}. Raises BadInput when it is none."""
    given = data.get(name)
    if given is None:
        return
    if not isinstance(given, dict):
        raise BadInput(f"{name} must be an object of type: value, not {kind(given)}")
    for type_name, value in given.items():
        if isinstance(value, list):
            yield from ((type_name, one) for one in value)
        else:
            yield type_name, value


def traits(*told: Mapping[str, object]) -> Iterator[Named]:
    """The ways to reach a person, and their card, among what a tracking library knows of them; other shapes are passed over."""
    return ((name, value) for data in told for name in _TRAITS if isinstance(value := data.get(name), str | int))


def country_of(default: str, *places: Mapping[str, object]) -> str:
    """The country (ISO 3166 alpha-2) that a payload's phone numbers are read as of, else `default`.

    The first place that names one counts: in its own fields, else in its attributes or an address. What is no code of a
    country (its name, a number) is passed over: it is a hint, never a reason to refuse.
    """
    for place in places:
        for part in (place, *(place.get(name) for name in _COUNTRY_PARTS)):
            found = _region(part) if isinstance(part, Mapping) else None
            if found is not None:
                return found
    return default


def _region(data: Mapping[str, object]) -> str | None:
    for name in _COUNTRY_FIELDS:
        given = data.get(name)
        if isinstance(given, str):
            code = given.strip().upper()
            code = _USUAL_NAMES.get(code, code)
            if is_region(code):
                return code
    return None


def attributes(data: Mapping[str, object], names: Iterable[str] = ATTRIBUTE_NAMES, where: str = "") -> Attributes:
    """The given fields that hold text. Raises BadInput when one is no text or longer than a thousand characters."""
    pairs = []
    for name in names:
        value = text(data, name, where)
        if value is None or is_nameless(name, value):
            continue
        if len(value) > MAX_ATTRIBUTE:
            raise BadInput(f"{where}{name} is longer than {MAX_ATTRIBUTE} characters; an attribute is a short text")
        pairs.append((name, value))
    return tuple(pairs)


def own_or_told(own: Mapping[str, object], *told: Mapping[str, object]) -> Attributes:
    """What a body itself says of attributes, else what is told beside it, the later first believed.

    Told ones are hints: only short texts count, and nothing is refused for another shape.
    """
    found: JsonObject = {}
    for data in filter(None, told):
        for name, said in _HINTS:
            value = data.get(said)
            if isinstance(value, str) and value.strip() and len(value) <= MAX_ATTRIBUTE:
                found[name] = value
    given = {name: value for name in ATTRIBUTE_NAMES if not says_nothing(value := own.get(name))}
    return attributes({**found, **given})


def free_attributes(data: Mapping[str, object], where: str = "attributes.") -> Attributes:
    """An `attributes` object of any names, its values as text; nulls are left out, and names that programs write for them.

    Raises BadInput on nested values, over-long ones, and more than a hundred.
    """
    pairs = []
    for name, value in data.items():
        if says_nothing(value):
            continue
        if isinstance(value, dict | list):
            raise BadInput(f"{where}{name[:64]} must be text, a number or a boolean, not {kind(value)}")
        shown = ("true" if value else "false") if isinstance(value, bool) else str(value)
        if not name or len(name) > 64 or len(shown) > MAX_ATTRIBUTE:
            raise BadInput(f"{where}{name[:64]}: a name has 1 to 64 characters, a value at most {MAX_ATTRIBUTE}")
        if not is_nameless(name, shown):
            pairs.append((name, shown))
    if len(pairs) > MAX_ATTRIBUTES:
        raise BadInput(f"{where[:-1]} holds {len(pairs):,} values, at most {MAX_ATTRIBUTES}; send what is no trait as properties")
    return tuple(pairs)
