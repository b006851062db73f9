"""What of a profile a search hit, so that people see why somebody is in the list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.identifiers import STRONG, Identifier
from app.domain.search import BEGINS, NAMES, Asked, asked, beginnings, folded, score_of, spellings_of, words_of_identifier


class How(StrEnum):
    EXACT = "exact"  # the whole value, as asked for
    PART = "part"  # a word of it, or how it begins
    SIMILAR = "similar"  # a word of it, but for a typing error


CLOSENESS = {How.EXACT: 0, How.PART: 1, How.SIMILAR: 2}


@dataclass(frozen=True, slots=True)
class Match:
    """A value that was hit. `kind` is an identifier type, the name of an attribute, `profile_id` or `absorbed_id`."""

    kind: str
    value: str
    how: How


def matches(
    text: str, numbers: Iterable[str], ids: Sequence[str], held: Iterable[Identifier], attributes: Mapping[str, str]
) -> list[Match]:
    """What a search for `text` hits of a profile, the closest first. `ids` are its own id, then those that it absorbed.

    `numbers` are what the text may stand for as a phone number. Empty when the words are spread over values none of which
    holds one whole.
    """
    numbers = tuple(numbers)
    wanted = asked(text, "", numbers)
    whole = {folded(text.strip()), *numbers, *(f"+{number}" for number in numbers)}
    named = [(name, value, tuple(spellings_of(value))) for name, value in attributes.items() if name in NAMES]
    carried = [(one.type, one.value, tuple(words_of_identifier(one)) if one.type in STRONG else ()) for one in held]
    found = [
        Match("absorbed_id" if place else "profile_id", one, How.EXACT) for place, one in enumerate(ids) if one == text.strip()
    ]
    for kind, value, words in (*named, *carried):
        how = _how(value, words, whole, wanted, beginnings(text) if kind not in NAMES else ())
        if how is not None:
            found.append(Match(kind, value, how))
    return sorted(found, key=lambda match: CLOSENESS[match.how])


def _how(value: str, words: Sequence[str], whole: set[str], wanted: Asked, begins: Sequence[str]) -> How | None:
    if folded(value) in whole:
        return How.EXACT
    if any(beginning and value.startswith(beginning) for beginning in begins):
        return How.PART
    terms = [f"|{word}" for word in words]
    scores = [min(score_of(word, terms) for word in alternative) for group in wanted for alternative in group]
    best = max(scores, default=0.0)
    return How.PART if best >= BEGINS else How.SIMILAR if best > 0 else None
