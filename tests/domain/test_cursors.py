"""A cursor leads on from where a page ended, and into no other list."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cursors import cut, decode_cursor, encode_cursor, list_named
from app.domain.errors import BadInput
from app.domain.times import END_OF_TIME

FIRST = ("merges", END_OF_TIME, "")


@given(st.integers(0, END_OF_TIME), st.text(st.characters(codec="utf-8")))
def test_what_was_a_place_is_one_again(at: int, name: str) -> None:
    cursor = encode_cursor("merges", at, name)
    assert decode_cursor(cursor, FIRST) == ("merges", at, name)
    assert list_named(cursor) == "merges"
    assert not {"=", "+", "/"} & set(cursor), "it stands in a query as it is"


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None, FIRST) == FIRST


@pytest.mark.parametrize(
    "place",
    [
        ("profiles", 1, "x"), ("merges", "1", "x"), ("merges", 1), ("merges", 1, "x", "y"), ("merges", True, "x"),
        (1, "merges", "x"), ("merges", -1, "x"), ("merges", END_OF_TIME + 1, "x"),
    ],
    ids=str,
)  # fmt: skip
def test_a_place_of_another_list_is_refused(place: tuple[object, ...]) -> None:
    with pytest.raises(BadInput, match="cursor"):
        decode_cursor(encode_cursor(*place), FIRST)


@pytest.mark.parametrize("value", [{}, [], "merges", 5, None], ids=str)
def test_what_is_no_place_is_refused(value: object) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")
    for read in (list_named, lambda text: decode_cursor(text, FIRST)):
        with pytest.raises(BadInput, match="cursor"):
            read(cursor)


def test_a_page_is_cut_where_one_more_was_read() -> None:
    def place(one: int) -> tuple[object, ...]:
        return ("merges", one, "")

    assert cut([5, 4, 3], 3, place) == ([5, 4, 3], None)
    assert cut([], 3, place) == ([], None)
    shown, cursor = cut([5, 4, 3], 2, place)
    assert shown == [5, 4]
    assert decode_cursor(cursor, FIRST) == ("merges", 4, "")
