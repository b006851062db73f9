"""Whether a text names somebody: whether one of their identifiers stands in it, in whatever spelling. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.domain.identifiers import Identifier
from app.domain.normalise import at_home, with_ascii_domain, with_few_marks

_NUMBERS = frozenset({"phone", "whatsapp"})
_QUOTED = re.compile("(?:%[0-9a-f]{2})+")  # as in addresses: %40 for @
_SHORTEST = 7  # digits in a row that are somebody's number; fewer are anything


@dataclass(frozen=True, slots=True)
class Names:
    """How people's identifiers may be written. An id is found as a word of its own (1 is not in 10), and a number by its digits,
    however they are parted, and with or without its country."""

    words: re.Pattern[str]
    numbers: tuple[str, ...]

    def are_in(self, text: str) -> bool:
        """As it stands, or as a part of an address of the web."""
        plain = with_few_marks(text).casefold()
        if any(self.words.search(unicodedata.normalize("NFC", one)) for one in (plain, _QUOTED.sub(_unquoted, plain))):
            return True
        if not self.numbers:
            return False
        digits = "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())
        return any(number in digits for number in self.numbers)


def names_of(identifiers: Collection[Identifier]) -> Names:
    words = sorted({spelling for one in identifiers for spelling in _spelt(one)})
    numbers = sorted({digits for one in identifiers if one.type in _NUMBERS for digits in _dialled(one.value)})
    # A letter or digit beside it makes it another word; nothing at all is in no text.
    found = "|".join(map(re.escape, words)) or r"\b\B"
    return Names(re.compile(rf"(?<![^\W_])(?:{found})(?![^\W_])"), tuple(numbers))


def _unquoted(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode(errors="replace").casefold()


def _spelt(one: Identifier) -> Iterator[str]:
    yield one.value.casefold()
    if one.type == "email" and not one.value.isascii():
        yield with_ascii_domain(one.value).casefold()


def _dialled(value: str) -> Iterator[str]:
    digits = value.removeprefix("+")
    national = at_home(digits)
    yield national if len(national) >= _SHORTEST else digits
