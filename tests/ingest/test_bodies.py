"""How much of a body is read. Whoever still sends when the connection closes is told "reset by peer", and never why."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from app.domain.errors import TooLarge
from app.ingest.doors import MAX_BODY_BYTES, MOST_DISCARDED_BYTES, read_body

PIECE = b"a" * 1_000_000


class Sender:
    """A body in pieces, and how many of them were taken."""

    def __init__(self, pieces: int, **headers: str) -> None:
        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.request = Request({"type": "http", "method": "POST", "path": "/", "headers": named}, self._next)
        self.pieces, self.taken = pieces, 0

    async def _next(self) -> Message:
        self.taken += 1
        return {"type": "http.request", "body": PIECE, "more_body": self.taken < self.pieces}


@pytest.mark.parametrize("declared", [None, str(10 * len(PIECE))])
async def test_a_body_that_is_too_large_is_heard_to_its_end(declared: str | None) -> None:
    sender = Sender(10)
    with pytest.raises(TooLarge):
        await read_body(sender.request, declared)
    assert sender.taken == 10


async def test_a_body_without_end_is_not() -> None:
    sender = Sender(1_000_000)
    with pytest.raises(TooLarge):
        await read_body(sender.request, None)
    assert sender.taken * len(PIECE) <= MOST_DISCARDED_BYTES + len(PIECE)


@pytest.mark.parametrize("headers", [{"expect": "100-continue"}, {}])
async def test_one_that_waits_to_be_asked_for_or_says_it_is_huge_is_not_begun(headers: dict[str, str]) -> None:
    sender = Sender(10, **headers)
    with pytest.raises(TooLarge):
        await read_body(sender.request, str(MAX_BODY_BYTES + 1 if headers else MOST_DISCARDED_BYTES + 1))
    assert sender.taken == 0
