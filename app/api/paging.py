"""What all reads over HTTP share: whose data, which page of it, and how an answer is written."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Header, Query, Response

from app.domain.errors import BadInput
from app.domain.times import END_OF_TIME

T = TypeVar("T")

Brand = Annotated[str | None, Header(alias="x-brand-id", description="The brand's id, such as my-shop.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most entries of one page.")]


async def cursor_of(
    cursor: Annotated[str | None, Query(description="`next` of the page before; leave it out for the first page.")] = None,
    after: Annotated[str | None, Query(description="Another name for `cursor`.")] = None,
) -> str | None:
    """Where a page begins, under whichever name; None for the first page. Raises BadInput when the two contradict."""
    if cursor and after and cursor != after:
        raise BadInput("cursor and after are two names of one parameter; send one of them")
    return cursor or after or None


Cursor = Annotated[str | None, Depends(cursor_of)]

DEFAULT_LIMIT = 50


def answer(data: object, **beside: object) -> Response:
    """`{"data": ...}` and what stands beside it. Times become ISO-8601 UTC with Z."""
    content = orjson.dumps({"data": data, **beside}, option=orjson.OPT_UTC_Z)
    return Response(content, media_type="application/json")


def page(found: Sequence[T], limit: int, place: Callable[[T], Sequence[object]], show: Callable[[T], object]) -> Response:
    """One page of a list of which one entry more than `limit` was read; `place` says where an entry stands in it."""
    shown = found[:limit]
    following = encode_cursor(*place(shown[-1])) if len(found) > limit else None
    return answer([show(entry) for entry in shown], next=following)


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
