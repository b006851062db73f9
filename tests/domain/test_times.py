"""Times become aware UTC; absurd ones are refused."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.domain.times import parse_time

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEN = datetime(2024, 1, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "2024-01-15T10:00:00Z", "2024-01-15T10:00:00", " 2024-01-15 10:00 ", "2024-01-15T11:00:00+01:00",
        "2024-01-15T10:00:00.000000000Z", "2024-01-15T10:00:00z", "20240115T100000z", 1705312800, 1705312800000, 1705312800.0,
        "1705312800", " 1705312800.000 ", "1705312800000", "2024-01-15 10:00:00 UTC", "2024-01-15T10:00:00GMT",
        "Mon, 15 Jan 2024 10:00:00 GMT", "15 Jan 2024 12:00 +0200", "2024-01-15T09:59:60Z", "2024-01-15T11:59:60+02:00",
    ],
)  # fmt: skip
def test_spellings_of_one_moment(raw: object) -> None:
    assert parse_time(raw, "occurred_at", NOW) == TEN
    assert parse_time(raw, "occurred_at", NOW).tzinfo is UTC


@pytest.mark.parametrize("raw", ["2024-01-14T24:00:00Z", "2024-01-14 24:00", "2024-01-14T23:59:60", "2024-01-15T02:00:00+02:00"])
def test_a_days_end_is_the_next_ones_beginning(raw: str) -> None:
    assert parse_time(raw, "occurred_at", NOW) == datetime(2024, 1, 15, tzinfo=UTC)


def test_what_is_finer_than_a_millisecond_is_cut_off() -> None:
    assert parse_time("2024-01-15T10:00:00.123999Z", "occurred_at", NOW) == TEN.replace(microsecond=123_000)


@pytest.mark.parametrize(("zone", "hour"), [("", 10), ("+02:00", 8)])
def test_text_without_a_zone_is_utc_wherever_we_run(zone: str, hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert parse_time(f"2024-01-15T10:00:00{zone}", "occurred_at", NOW) == TEN.replace(hour=hour)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_missing_is_when_it_was_received() -> None:
    for blank in (None, "", " ", "\t\n"):
        assert parse_time(blank, "occurred_at", NOW) == NOW


@pytest.mark.parametrize(
    "raw",
    [
        "yesterday", "15/01/2024", "202401151000", "0", "9" * 10, "\u0661" * 10, "z",
        "2024-01-14T24:00:01", "2024-01-14T24:30", "2024-01-14T10:60:60", "32 Jan 2024 10:00 GMT", "15 Jan 2024 10:00",
        "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59", "9999-12-31", "2024-13-01", 5, -1, 10**10, 10**14, 1e300, True, [], {},
        (NOW + timedelta(days=1, seconds=1)).isoformat(),
    ],
)  # fmt: skip
def test_refused(raw: object) -> None:
    with pytest.raises(BadInput, match=r"^occurred_at: "):
        parse_time(raw, "occurred_at", NOW)


def test_a_clock_that_is_a_little_ahead() -> None:
    ahead = NOW + timedelta(hours=23)
    assert parse_time(ahead.isoformat(), "occurred_at", NOW) == ahead


@given(st.one_of(st.text(max_size=40), st.datetimes(timezones=st.timezones()).map(str), st.integers(), st.floats(), st.none()))
def test_raises_nothing_but_bad_input(raw: object) -> None:
    try:
        moment = parse_time(raw, "t", NOW)
    except BadInput:
        return
    assert datetime(1970, 1, 1, tzinfo=UTC) <= moment <= NOW + timedelta(days=1)
