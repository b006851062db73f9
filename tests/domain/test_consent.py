"""A yes and a no to messages, however a platform spells them."""

import pytest

from app.domain.consent import meant


@pytest.mark.parametrize("said", ["Opted In", "opted-in", " OPT_IN ", "true", "YES", "1", "Subscribed"])
def test_a_yes(said: str) -> None:
    assert meant(said) is True


@pytest.mark.parametrize("said", ["Opted Out", "opted-out", " NOT SUBSCRIBED ", "false", "No", "0", "unsubscribed", "redacted"])
def test_a_no(said: str) -> None:
    assert meant(said) is False


@pytest.mark.parametrize("said", [None, "", "pending", "maybe", "in"])
def test_neither(said: str | None) -> None:
    assert meant(said) is None
