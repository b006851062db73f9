"""Placeholders stand for nobody; what only looks like one stands for somebody."""

import pytest

from app.domain.blocked import is_blocked
from app.domain.identifiers import Identifier, identifier

PLACEHOLDERS = [
    ("email", "noreply@shop.com"), ("email", "null@shop.com"), ("email", "none@none.com"), ("email", "test@test.com"),
    ("email", "Guest@hotel.com"), ("email", "x@noemail.com"), ("email", "no@no.com"), ("email", "a@a.com"),
    ("email", "noreply@example.com"), ("email", "no-reply+1234@shop.com"), ("email", "mailer-daemon@mail.com"),
    ("phone", "0000000"), ("phone", "111-1111"), ("phone", "9999999999"), ("phone", "+1 999 999 9999"),
    ("phone", "+266696687"), ("phone", "+7378742833"),
    ("whatsapp", "+0000000000"), ("loyalty_id", "null"), ("loyalty_id", "N/A"), ("user_id", "0"),
    ("cookie", "undefined"),
    ("session", "Anonymous"),
    ("device", "00000000-0000-0000-0000-000000000000"), ("device", "9774D56D682E549C"),
]  # fmt: skip
PEOPLE = [
    ("email", "customer@example.com"), ("email", "test@example.com"), ("email", "test@acme.com"),
    ("email", "bob@bob.com"), ("email", "a@test.com"), ("email", "user@test.com"), ("email", "test@email.com"),
    ("email", "customer@mail.com"), ("email", "no@shop.org"), ("email", "guest@example.com"),
    ("email", "anonymous@example.com"), ("email", "null@example.org"), ("email", "none@example.net"),
    ("email", "sarah.johnson@email.com"), ("email", "info@acme.com"), ("email", "nora@acme.com"),
    ("email", "ann+noreply@acme.com"),
    ("phone", "+1 737 874 2833"),
    ("phone", "+1-555-0123"), ("phone", "+1-555-1111"), ("phone", "+1-555-5555"), ("whatsapp", "+1-555-1111"),
    ("loyalty_id", "LOY-1111"), ("loyalty_id", "1111111"), ("user_id", "10"), ("device", "device-xyz789"),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "raw"), PLACEHOLDERS)
def test_placeholder(type_name: str, raw: str) -> None:
    found = identifier(type_name, raw)
    assert found is not None
    assert is_blocked(found)


@pytest.mark.parametrize(("type_name", "raw"), PEOPLE)
def test_person(type_name: str, raw: str) -> None:
    found = identifier(type_name, raw)
    assert found is not None
    assert not is_blocked(found)


def test_any_value_can_be_asked_about() -> None:
    assert not is_blocked(Identifier("loyalty_id", "x" * 512))
    assert not is_blocked(Identifier("email", "not an address"))
