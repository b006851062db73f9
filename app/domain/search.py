"""What a profile is found by: the words of its names and strong identifiers, as one text, and what a search asks of them.

Every word carries its brand (`brand|word`), so the index seeks within the brand: a small brand beside a large one pays for
its own words only. The words are cut here, not by Lucene; the index's analyzer only splits at spaces (graph_migrations).
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from rapidfuzz.distance import OSA

from app.domain.identifiers import Identifier
from app.domain.normalise import with_few_marks
from app.domain.profiles import Profile

NAMES = frozenset({"first_name", "last_name", "name", "full_name", "middle_name", "company"})
MAX_WORD = 100  # characters; Lucene's own limit for the analyzer is 255 with the brand
MAX_WORDS = 400  # of one profile
MAX_ASKED = 8  # words of one search
ONE_EDIT, TWO_EDITS = 4, 8  # letters from which so many typing errors are forgiven

# What each kind of match counts for; a match that is found by typing errors alone counts less than any other.
EXACT, BEGINS, TYPO = 2, 1, 0.0001

_PARTS = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[+\d][\d\s().\-/]*")
_KEPT = re.compile(r"[^\w@.+\-]+")
# Scripts that put no space between a family's name and a given one: jamo (as `folded` leaves Hangul), kana, ideographs.
_NO_SPACES = re.compile("[\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+")


def folded(text: str) -> str:
    """Without case and accents: `Müller` is `muller`, `Straße` is `strasse`."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    return "".join(one for one in unicodedata.normalize("NFKD", with_few_marks(plain)) if not unicodedata.combining(one))


def search_text(profile: Profile, brand_id: str) -> str:
    """The words a profile is found by, each with its brand, separated by spaces."""
    return " ".join(f"{brand_id}|{word}" for word in words_of(profile))


def words_of(profile: Profile) -> list[str]:
    """Each once, names first; at most `MAX_WORDS`."""
    named = {one.name: one.value for one in profile.attributes if one.name in NAMES}
    names = (word for value in named.values() for word in spellings_of(value))
    wholes = (f"{named.get('last_name', '')} {named.get('first_name', '')}", *named.values())
    held = (word for identifier in sorted(profile.strong) for word in words_of_identifier(identifier))
    together = (word for whole in wholes for word in _together(whole))
    return list(dict.fromkeys(word for word in (*names, *together, *held) if word))[:MAX_WORDS]


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look for, with its brand; `begun` when longer words that begin with it will do."""

    term: str
    begun: bool
    edits: int


Alternative = tuple[Word, ...]  # all of which must be there
Asked = tuple[tuple[Alternative, ...], ...]
"""Groups of alternatives; at least one of each group must be found, and a rank is the sum of all that are."""


def asked(text: str, brand_id: str, numbers: Iterable[str] = ()) -> Asked:
    """What to look for when somebody searches for `text`; nothing when there is no word in it.

    All words must be found: each as it is, at a word's beginning, or with one typing error from four letters (two from
    eight). A number may be written in any form; `numbers` are what it may stand for in full (digits, with the country's).
    """
    digits = _digits(text)
    if digits:
        return (tuple((_word(number, brand_id),) for number in dict.fromkeys((digits, *numbers))),)
    words = [word for word in (_kept(word) for word in folded(text).split()) if word][:MAX_ASKED]
    return tuple(_any_spelling(word, brand_id) for word in dict.fromkeys(words))


def beginnings(text: str) -> list[str]:
    """How the values that `text` begins may be stored: as written, in lower case, a number's digits with or without +."""
    written = text.strip()
    spellings = [written, written.lower()]
    digits = _only_digits(written)
    if len(digits) >= 3 and not written.strip("+-() ./0123456789"):
        spellings += [digits, f"+{digits}"]
    return list(dict.fromkeys(spellings))


def lucene(wanted: Asked) -> str:
    """The query of the full-text index. A range of one word and a prefix have constant scores, so that a profile's rank
    depends on nobody else."""
    return " ".join(f"+({' OR '.join(f'({_all_of(one)})' for one in group)})" for group in wanted)


def rank_of(search: str, wanted: Asked) -> int | None:
    """The rank that `lucene` gives to a profile of these words (its `search_text`); None when it is not found."""
    words = search.split(" ")
    ranks = [[sum(scores) for one in group if 0.0 not in (scores := [score_of(word, words) for word in one])] for group in wanted]
    return int(sum(map(sum, ranks))) if all(ranks) else None


def score_of(word: Word, words: Sequence[str]) -> float:
    """0 when it is not among them."""
    return (
        EXACT * (word.term in words)
        + BEGINS * (word.begun and any(other.startswith(word.term) for other in words))
        + TYPO * (word.edits > 0 and any(_close(word, other) for other in words))
    )


def _close(word: Word, other: str) -> bool:
    """As Lucene sees it: neighbours that changed places are one error."""
    return OSA.distance(word.term, other, score_cutoff=word.edits) <= word.edits


def words_of_identifier(identifier: Identifier) -> Iterator[str]:
    if identifier.type in {"phone", "whatsapp"}:
        digits = identifier.value.lstrip("+")
        yield digits
        yield national(digits)
    else:
        yield from spellings_of(identifier.value)


def spellings_of(value: str) -> Iterator[str]:
    """A value's words as written, their parts, and the parts run together: `LOY-1` is loy-1, loy, 1 and loy1."""
    for word in folded(value).split():
        kept = _kept(word)
        parts = _PARTS.findall(kept)
        yield kept[:MAX_WORD]
        if parts != [kept]:
            yield from (part[:MAX_WORD] for part in parts)
            if "@" not in kept:
                yield "".join(parts)[:MAX_WORD]


def _together(name: str) -> Iterator[str]:
    """A name of two parts as scripts without spaces write it, the family's name first or last: 山田 花子 is 山田花子."""
    parts = folded(name).split()
    if len(parts) == 2 and all(map(_NO_SPACES.fullmatch, parts)):
        yield "".join(parts)[:MAX_WORD]
        yield "".join(reversed(parts))[:MAX_WORD]


def _kept(word: str) -> str:
    return _KEPT.sub("", word).strip(".+-")


@lru_cache(maxsize=32_768)
def national(digits: str) -> str:
    """A number as it is written at home, without the leading zero."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.national_significant_number(number)


def _digits(text: str) -> str:
    """The digits of what is written as a number, without the zeros that stand for a country or a trunk."""
    written = text.strip()
    if not _NUMBER.fullmatch(written):
        return ""
    return _only_digits(written).lstrip("0")


def _only_digits(text: str) -> str:
    return "".join(character for character in text if character in string.digits)


def _any_spelling(word: str, brand_id: str) -> tuple[Alternative, ...]:
    """A word as it was asked for, or all its parts, the last of which may be only begun."""
    word = word[:MAX_WORD]
    parts = _PARTS.findall(word)
    if len(parts) < 2:
        return ((_word(parts[0] if parts else word, brand_id),),)
    *before, last = parts[:MAX_ASKED]
    apart = (*(_word(part, brand_id, begun=False) for part in before), _word(last, brand_id))
    return (_word(word, brand_id),), (_word("".join(parts), brand_id),), apart


def _word(word: str, brand_id: str, *, begun: bool = True) -> Word:
    edits = 0 if not word.isalpha() or len(word) < ONE_EDIT else 1 if len(word) < TWO_EDITS else 2
    return Word(f"{brand_id}|{word}", begun, edits)


def _all_of(words: Alternative) -> str:
    return " ".join(f"+({_ways(word)})" for word in words)


def _ways(word: Word) -> str:
    term = _escaped(word.term)
    ways = [f"[{term} TO {term}]^{EXACT}"]
    if word.begun:
        ways.append(f"{term}*^{BEGINS}")
    if word.edits:
        ways.append(f"{term}~{word.edits}^{TYPO}")
    return " OR ".join(ways)


def _escaped(term: str) -> str:
    return "".join(character if character.isalnum() else f"\\{character}" for character in term)
