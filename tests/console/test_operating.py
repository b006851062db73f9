"""What the operations page makes of figures. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.console.charts import heights
from app.console.operating import Column, Mark, days_in, job_line, mark_in, mark_of, rate, sizes_in
from app.console.pages import ago
from app.domain.figures import Figures

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def size(end: int, people: int, at_least: bool = False) -> dict[str, Any]:
    return {"events_from": end // 2 + 1 if end else 0, "events_to": end, "profiles": people, "at_least": at_least}


def test_a_histogram_has_a_column_for_every_power_of_two_between() -> None:
    assert sizes_in([size(1, 50), size(15, 100_000, True)]) == [
        Column("1", 50, False, 2.0), Column("2 to 3", 0, False, 0), Column("4 to 7", 0, False, 0),
        Column("8 to 15", 100_000, True, 100),
    ]  # fmt: skip
    assert [one.label for one in sizes_in([size(0, 1), size(1, 1)])] == ["0", "1"]
    assert [one.label for one in sizes_in([size(1023, 1), size(2047, 1)])] == ["512 to 1,023", "1,024 to 2,047"]
    assert sizes_in([]) == []


def test_columns_are_as_high_as_they_are_many() -> None:
    assert heights([0, 1, 4, 400]) == [0, 2, 2, 100]
    assert heights([3, 1]) == [100, 33.3]
    assert (heights([]), heights([0])) == ([], [0])
    assert days_in([{"day": "2026-01-01", "count": 2}]) == [Column("2026-01-01", 2, False, 100)]


def test_a_rate_is_between_two_looks_at_the_same_process() -> None:
    figures = Figures("p1", NOW, {"created": 30, "matched": 10}, 4, 0.5, 0, 0)
    now = mark_of(figures, NOW)
    assert (now.events, mark_in(str(now))) == (40, now)
    earlier = Mark("p1", 20, now.at - 5_000)
    assert rate(earlier, now) == 4
    assert [rate(None, now), rate(Mark("p2", 20, now.at - 5_000), now), rate(now, now)] == [None, None, None]


@pytest.mark.parametrize("text", ["", "p", "p.1", "p.1.x", "p.-1.2", "p.1.2.3", "p.\u0661.2"])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert mark_in(text) is None


def test_a_job_says_when_it_ran_and_what_it_touched() -> None:
    run = {
        "started_at": NOW - timedelta(seconds=90),
        "result": {"placed": 1_200, "said": "x" * 61, "took_part": None, "late": 0, "aside": []},
    }
    line = job_line("outbox", "Places.", run, NOW)
    assert (line.began_s, line.touched) == (90, f"placed: 1,200, said: {'x' * 60} ...")
    assert job_line("outbox", "Places.", {**run, "result": {"placed": 0}}, NOW).touched == "nothing"
    assert job_line("outbox", "Places.", None, NOW).run is None


AGES = {
    0: "0 s ago",
    59: "59 s ago",
    60: "1 min ago",
    3_599: "59 min ago",
    3_600: "1 h ago",
    86_400: "1 d ago",
    200_000: "2 d ago",
}


@pytest.mark.parametrize(("seconds", "said"), AGES.items())
def test_an_age_is_told_in_its_largest_unit(seconds: int, said: str) -> None:
    assert ago(seconds) == said
