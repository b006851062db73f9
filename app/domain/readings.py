"""What a written value may mean. Read leniently: a number in any written form finds what is stored."""

from collections.abc import Collection, Sequence

from app.domain.errors import InvalidIdentifier
from app.domain.identifiers import ALIASES, TYPES, Channel, Identifier, identifier


def readings(type_name: str, text: str, country: str) -> tuple[Identifier, ...]:
    """The identifiers that a written value may mean; none when nobody can have it.

    A phone number may be the stored digits, national (of `country`) or international; a `+` in a query string that was
    not escaped, of a number or an e-mail address, arrives as a space. Raises BadInput for an unknown type.
    """
    row = TYPES.get(ALIASES.get(type_name, type_name))
    if row is None:
        raise InvalidIdentifier(f"unknown identifier type {type_name[:40]!r}; known types: {', '.join(TYPES)}")
    is_number = row.channel is Channel.PHONE and row.name != "whatsapp_user_id"
    spellings = _spellings(text) if is_number else (text,)
    if row.name == "email":
        spellings = (text.strip().replace(" ", "+"),)  # no address holds a space
    found = (_reading(row.name, spelling, country) for spelling in spellings)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def meant(found: Sequence[Identifier], text: str, known: Collection[Identifier]) -> Identifier:
    """The one of some readings of a text that an admin means: what is known and kept in this very spelling, else what is known,
    else the first. Digits copied from a page are a number as it is kept, though they may be read as a national one too."""
    kept = [one for one in found if one in known]
    return next((one for one in kept if one.value == text.strip()), (*kept, *found)[0])


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
