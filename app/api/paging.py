"""What all reads over HTTP share: whose data, which page of it, and how an answer is written."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import orjson
from fastapi import Depends, Header, Query, Response

from app.domain.cursors import cut, decode_cursor
from app.domain.errors import BadInput

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


def answer(data: object, status: int = 200, **beside: object) -> Response:
    """`{"data": ...}` and what stands beside it. Times become ISO-8601 UTC with Z."""
    content = orjson.dumps({"data": data, **beside}, option=orjson.OPT_UTC_Z)
    return Response(content, status, media_type="application/json")


def page(
    found: Sequence[T], limit: int, place: Callable[[T], Sequence[object]], show: Callable[[T], object] = lambda entry: entry
) -> Response:
    """One page of a list of which one entry more than `limit` was read; `place` says where an entry stands in it."""
    shown, following = cut(found, limit, place)
    return answer([show(entry) for entry in shown], next=following)


def page_of_few(listed: str, whole: Sequence[T], limit: int, cursor: str | None, named: Callable[[T], str]) -> Response:
    """The same of a list that is at hand as a whole: `listed` is its name, `named` what names an entry. Raises BadInput."""
    _, last = decode_cursor(cursor, (listed, ""))
    names = [named(one) for one in whole]
    begin = names.index(last) + 1 if last in names else 0  # whose entry is gone begins anew
    return page(whole[begin : begin + limit + 1], limit, lambda one: (listed, named(one)))
