"""Places in lists, as text that is sent along: `["reviews", 1700000000000, "id"]`."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from app.domain.errors import BadInput
from app.domain.times import END_OF_TIME

T = TypeVar("T")

Place = tuple[int, str]
"""Where a page of a list by time ended: epoch milliseconds and id. The first page begins at (the end of time, '')."""


def cut(found: Sequence[T], limit: int, place: Callable[[T], Sequence[object]]) -> tuple[Sequence[T], str | None]:
    """One page of a list of which one entry more than `limit` was read, and the cursor of the next page, if there is one;
    `place` says where an entry stands in it."""
    shown = found[:limit]
    return shown, encode_cursor(*place(shown[-1])) if len(found) > limit else None


def encode_cursor(*place: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, first: tuple[Any, ...]) -> tuple[Any, ...]:
    """The place that a cursor of this list stands for; `first` when there is none, and the shape that places have.

    The first element of a place is the name of its list. Raises BadInput for what is no cursor of this list.
    """
    if cursor is None:
        return first
    place = _place(cursor)
    if [type(part) for part in place] != [type(part) for part in first]:
        raise _no_cursor()
    if place[0] != first[0] or any(isinstance(part, int) and not 0 <= part <= END_OF_TIME for part in place):
        raise _no_cursor()
    return tuple(place)


def list_named(cursor: str) -> object:
    """The name of the list that a cursor is of. Raises BadInput for what is no cursor."""
    return _place(cursor)[0]


def _place(cursor: str) -> list[Any]:
    try:
        place = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _no_cursor() from None
    if not isinstance(place, list) or not place:
        raise _no_cursor()
    return place


def _no_cursor() -> BadInput:
    return BadInput("cursor is none of this list; send `next` of the page before as it came, or leave it out")
