"""What small pictures are drawn from."""

from datetime import UTC, datetime

import pytest

from app.console.charts import MONTHS_DRAWN, Bar, bars, curve, months
from app.console.timeline import chosen_in, window_of
from app.domain.errors import BadInput
from app.domain.times import END_OF_TIME

DAY = 86_400_000


def month(year: int, number: int) -> datetime:
    return datetime(year, number, 1, tzinfo=UTC)


def test_bars_grow_from_the_middle() -> None:
    assert bars([2.0, -1.0, 0.0]) == [Bar(50, 50), Bar(25, 25), Bar(50, 0)]
    assert bars([]) == []


def test_a_curve_begins_with_nothing_and_its_highest_point_touches_the_top() -> None:
    assert curve([(30, 10.0), (90, 20.0), (300, 40.0)]) == "0.0,40.0 10.0,30.5 30.0,21.0 100.0,2.0"
    assert curve([(30, 0.0)]) == "0.0,40.0 100.0,40.0"


def test_quiet_months_are_columns_too() -> None:
    drawn = months({month(2023, 11): 4, month(2024, 2): 1})
    assert [(one.month, one.events, one.height) for one in drawn] == [
        (month(2023, 11), 4, 100), (month(2023, 12), 0, 0), (month(2024, 1), 0, 0), (month(2024, 2), 1, 25),
    ]  # fmt: skip


def test_only_the_latest_months_are_drawn() -> None:
    drawn = months({month(1990, 1): 9, month(2024, 6): 2})
    assert (len(drawn), drawn[-1].month, drawn[-1].height) == (MONTHS_DRAWN, month(2024, 6), 100)
    assert months({}) == []


def test_the_last_day_of_a_timeline_counts_as_a_whole() -> None:
    window = window_of(chosen_in({"type": " purchase ", "from": "1970-01-02", "to": "1970-01-02"}))
    assert (window.types, window.since, window.until) == (("purchase",), DAY, 2 * DAY)
    assert window_of(chosen_in({})).until == END_OF_TIME
    assert window_of(chosen_in({"to": "9999-12-31"})).until == END_OF_TIME


@pytest.mark.parametrize(
    "params",
    [{"from": "yesterday"}, {"to": "2024-02-30"}, {"at": "x"}, {"at": "WzEsMl0"}, {"at": "é"}],
)
def test_what_is_no_day_and_no_place_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="leave it"):
        window_of(chosen_in(params))


def test_an_address_holds_what_was_chosen_and_nothing_else() -> None:
    chosen = chosen_in({"type": "cart_add", "to": "2024-01-10", "at": "x"})
    assert chosen.address(at="") == "type=cart_add&to=2024-01-10"
