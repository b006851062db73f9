"""Whether a text names somebody, in whatever spelling."""

import time

import pytest

from app.domain.identifiers import Identifier
from app.domain.naming import names_of

EMAIL, IDN = Identifier("email", "ann+x@x.example"), Identifier("email", "ann@bücher.example")
PHONE, WHATSAPP = Identifier("phone", "447700900111"), Identifier("whatsapp", "+12125550123")
ACCENT = Identifier("loyalty_id", "Caf\u00e9-1")
CARD, SHORT = Identifier("loyalty_id", "Card-77"), Identifier("user_id", "7")


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (EMAIL, "write to <Ann+X@X.example>."),
        (EMAIL, "https://shop.example/?e=ann%2Bx%40x.example&u=1"),
        (EMAIL, "https://shop.example/?e=ann+x%40x.example"),
        (IDN, "ann@BÜCHER.example"),
        (IDN, "ann@xn--bcher-kva.example"),
        (PHONE, "+44 7700 900-111"),
        (PHONE, "call 07700 900111 first"),
        (PHONE, "0044 (0) 7700900111"),
        (PHONE, "٠٧٧٠٠٩٠٠١١١"),
        (WHATSAPP, "whatsapp:+12125550123"),
        (WHATSAPP, "(212) 555-0123"),
        (Identifier("phone", "15550123"), "1-555-0123"),
        (CARD, "gid://till/CARD-77"),
        (ACCENT, "of CAFE\u0301-1"),
        (ACCENT, "?card=cafe%CC%81-1"),
        (SHORT, "7"),
        (SHORT, "u=7;v=8"),
    ],
)
def test_a_name_is_found_however_it_is_written(one: Identifier, text: str) -> None:
    assert names_of([CARD, one]).are_in(text)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (EMAIL, "joann+x@x.example"),
        (EMAIL, "Ann"),
        (PHONE, "order 7700900112"),
        (CARD, "card-771"),
        (SHORT, "177.0"),
        (SHORT, "o77"),
        (SHORT, "2024-01-17T11:00:00Z"),
    ],
)
def test_what_is_another_word_is_no_name(one: Identifier, text: str) -> None:
    assert not names_of([one]).are_in(text)


def test_nobody_is_named_nowhere() -> None:
    assert not names_of([]).are_in("")
    assert not names_of([]).are_in("anything, 12345678")


def test_a_name_is_found_at_once_among_whatever_somebody_wrote() -> None:
    names = names_of([Identifier("loyalty_id", "zo\u00eb-1")])
    piled = "e" + 20_000 * "\u0301\u0316"
    began = time.process_time()
    assert names.are_in(f"{piled} zoe\u0308-1 {piled}")
    assert not names.are_in(piled)
    assert time.process_time() - began < 1
