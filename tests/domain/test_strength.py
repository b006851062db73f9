"""Profile strength, as the contract's table has it."""

from datetime import UTC, datetime

import pytest

from app.domain.identifiers import STRONG, Identifier
from app.domain.profiles import Profile
from app.domain.strength import strength


def profile(held: str, confirmed: int = 0) -> Profile:
    names = held.split()
    strong = frozenset(Identifier(name, "x") for name in names if name in STRONG)
    return Profile(
        "p", "e", "d", datetime(2024, 1, 1, tzinfo=UTC), strong=strong, anonymous=frozenset(names) - STRONG, confirmed=confirmed
    )


@pytest.mark.parametrize(
    ("held", "score"),
    [
        ("", 0), ("cookie", 10), ("session anonymous_id device", 10),
        ("email", 40), ("phone whatsapp", 40), ("loyalty_id", 40), ("user_id", 40), ("email loyalty_id cookie device", 40),
        ("email phone", 75), ("email whatsapp", 75), ("email phone session user_id", 75),
        ("email phone cookie", 80), ("email phone device", 80), ("email phone loyalty_id", 85), ("email phone cookie device", 85),
        ("email phone loyalty_id cookie", 90), ("email phone loyalty_id cookie device", 95),
    ],
)  # fmt: skip
def test_what_identifiers_say(held: str, score: int) -> None:
    assert strength(profile(held)) == score


@pytest.mark.parametrize("held", ["email", "phone", "whatsapp", "loyalty_id"])
def test_what_orders_confirm(held: str) -> None:
    assert [strength(profile(held, orders)) for orders in range(8)] == [40, 50, 60, 70, 75, 80, 80, 80]


def test_the_larger_counts_and_orders_confirm_nobody_who_cannot_be_reached() -> None:
    assert [strength(profile("email phone", orders)) for orders in (3, 5)] == [75, 80]
    assert strength(profile("user_id cookie", 5)) == 40
    assert strength(profile("cookie", 5)) == 10
