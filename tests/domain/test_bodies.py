"""How much of a body is read. Whoever still sends when the connection closes is told "reset by peer", and never why."""

from collections.abc import AsyncIterator

import pytest

from app.domain.bodies import MAX_BODY_BYTES, MOST_DISCARDED_BYTES, whole
from app.domain.errors import TooLarge

PIECE = b"a" * 1_000_000


class Sender:
    """A body in pieces, and how many of them were taken."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.taken = pieces, 0

    async def body(self) -> AsyncIterator[bytes]:
        while self.taken < self.pieces:
            self.taken += 1
            yield PIECE


async def test_a_body_is_what_was_sent() -> None:
    assert await whole(Sender(3).body(), {}) == PIECE * 3
    assert await whole(Sender(3).body(), {}, most=len(PIECE) * 3) == PIECE * 3


@pytest.mark.parametrize("headers", [{}, {"content-length": str(10 * len(PIECE))}])
async def test_one_that_is_too_large_is_heard_to_its_end(headers: dict[str, str]) -> None:
    sender = Sender(10)
    with pytest.raises(TooLarge, match="larger than 5 MB"):
        await whole(sender.body(), headers)
    assert sender.taken == 10


async def test_one_without_end_is_not() -> None:
    sender = Sender(1_000_000)
    with pytest.raises(TooLarge):
        await whole(sender.body(), {})
    assert sender.taken * len(PIECE) <= MOST_DISCARDED_BYTES + len(PIECE)


@pytest.mark.parametrize(
    "headers",
    [
        {"expect": "100-continue", "content-length": str(MAX_BODY_BYTES + 1)},
        {"content-length": str(MOST_DISCARDED_BYTES + 1)},
    ],
)
async def test_one_that_waits_to_be_asked_for_or_says_it_is_huge_is_not_begun(headers: dict[str, str]) -> None:
    sender = Sender(10)
    with pytest.raises(TooLarge):
        await whole(sender.body(), headers)
    assert sender.taken == 0
