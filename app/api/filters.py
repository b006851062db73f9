"""What people may ask lists for. Identifiers are read leniently: a number in any written form finds what is stored."""

from app.domain.errors import BadInput, InvalidIdentifier
from app.domain.identifiers import ALIASES, TYPES, Channel, Identifier, identifier


def known_status(given: str | None, known: tuple[str, ...]) -> str | None:
    """The status asked for, None for all. Raises BadInput when there is no such."""
    if given is not None and given not in known:
        raise BadInput(f"status must be one of {', '.join(known)}, not {given[:40]!r}")
    return given


def typed(text: str, country: str) -> tuple[Identifier, ...]:
    """The readings of a `type:value` filter. Raises BadInput when it has no type, or an unknown one."""
    type_name, colon, value = text.partition(":")
    if not colon:
        raise BadInput("identifier must be type:value, such as identifier=loyalty_id:LOY-789456")
    return readings(type_name.strip(), value, country)


def readings(type_name: str, text: str, country: str) -> tuple[Identifier, ...]:
    """The identifiers that a written value may mean; none when nobody can have it.

    A phone number may be the stored digits, national (of `country`) or international; a `+` in a query string that was
    not escaped arrives as a space. Raises BadInput for an unknown type.
    """
    row = TYPES.get(ALIASES.get(type_name, type_name))
    if row is None:
        raise InvalidIdentifier(f"unknown identifier type {type_name[:40]!r}; known types: {', '.join(TYPES)}")
    is_number = row.channel is Channel.PHONE and row.name != "whatsapp_user_id"
    spellings = _spellings(text) if is_number else (text,)
    found = (_reading(row.name, spelling, country) for spelling in spellings)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _spellings(text: str) -> tuple[str, ...]:
    """A number as written, and as the international one that its digits may be already."""
    digits = "".join(character for character in text if character.isdecimal())
    if text[:1] in {" ", "+"}:
        return (f"+{text.strip().lstrip('+')}",)
    return (text, f"+{digits}") if digits else (text,)


def _reading(type_name: str, text: str, country: str) -> Identifier | None:
    try:
        return identifier(type_name, text, country)
    except InvalidIdentifier:
        return None  # nobody can have it, so nobody is found
