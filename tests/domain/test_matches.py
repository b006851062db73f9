"""What of a profile a search hit."""

import pytest

from app.domain.identifiers import Identifier
from app.domain.matches import How, Match, matches

HELD = [Identifier("email", "sarah.j@email.com"), Identifier("phone", "15550123"), Identifier("cookie", "Cook-77")]
NAMED = {"first_name": "Sarah", "last_name": "Müller", "city": "Sarahville"}


def hit(text: str, *numbers: str) -> list[Match]:
    return matches(text, numbers, ["p-1", "p-0"], HELD, NAMED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SARAH.J@email.com", [Match("email", "sarah.j@email.com", How.EXACT)]),
        ("sarah", [Match("first_name", "Sarah", How.EXACT), Match("email", "sarah.j@email.com", How.PART)]),
        ("muller", [Match("last_name", "Müller", How.EXACT)]),
        ("mulller", [Match("last_name", "Müller", How.SIMILAR)]),
        ("Cook", [Match("cookie", "Cook-77", How.PART)]),
        ("Cook-77", [Match("cookie", "Cook-77", How.EXACT)]),
        ("p-1", [Match("profile_id", "p-1", How.EXACT)]),
        ("p-0", [Match("absorbed_id", "p-0", How.EXACT)]),
        ("austin", []),
    ],
)
def test_the_closest_comes_first(text: str, found: list[Match]) -> None:
    assert hit(text) == found


def test_a_number_is_what_it_stands_for() -> None:
    assert hit("(555) 0123", "15550123") == [Match("phone", "15550123", How.EXACT)]
    assert hit("1555", "1555") == [Match("phone", "15550123", How.PART)]


def test_every_word_has_its_value() -> None:
    assert [match.kind for match in hit("sarah muller")] == ["first_name", "last_name", "email"]
