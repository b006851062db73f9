"""What a profile is found by, as words."""

from datetime import UTC, datetime

import pytest

from app.domain.identifiers import Identifier
from app.domain.profiles import Attribute, Profile
from app.domain.search import MAX_WORDS, asked, lucene, search_text, words_of

AT = datetime(2024, 1, 1, tzinfo=UTC)


def profile(*held: tuple[str, str], **names: str) -> Profile:
    said = tuple(Attribute(name, value, AT, "e") for name, value in names.items())
    return Profile("p", "e", "d", AT, strong=frozenset(Identifier(*one) for one in held), attributes=said)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (profile(first_name="Zoë", last_name="Müller"), ["zoe", "muller"]),
        (profile(name="Mary-Ann O'Brien"), ["mary-ann", "mary", "ann", "maryann", "obrien"]),
        (profile(first_name="花子", last_name="山田"), ["花子", "山田", "山田花子", "花子山田"]),
        (profile(name="山田 花子"), ["山田", "花子", "山田花子", "花子山田"]),
        (profile(("email", "sarah.j@email.com")), ["sarah.j@email.com", "sarah", "j", "email", "com"]),
        (profile(("phone", "447700900456")), ["447700900456", "7700900456"]),
        (profile(("whatsapp", "+15550123")), ["15550123", "5550123"]),
        (profile(("loyalty_id", "LOY-789")), ["loy-789", "loy", "789", "loy789"]),
        (profile(city="Berlin"), []),
        (profile(("user_id", "| | ")), []),
    ],
)
def test_the_words_of_a_profile(made: Profile, words: list[str]) -> None:
    assert words_of(made) == words
    assert search_text(made, "b") == " ".join(f"b|{word}" for word in words)


def test_a_text_is_bounded_whatever_the_profile() -> None:
    made = profile(*(("user_id", f"{'x' * 500}-{number}") for number in range(500)), name="a b " * 10_000)
    assert len(words_of(made)) == MAX_WORDS
    assert max(map(len, words_of(made))) <= 100


def test_typing_errors_are_forgiven_by_length_and_in_words_only() -> None:
    for text, edits in (("ann", None), ("anna", "~1"), ("johnson", "~1"), ("jonathan", "~2"), ("loy12345", None)):
        query = lucene(asked(text, "b"))
        assert (edits in query) if edits else ("~" not in query)


def test_text_without_a_word_is_no_query() -> None:
    for text in ("", "  ", "+", "*?!", '"', "( )"):
        assert not asked(text, "b")
