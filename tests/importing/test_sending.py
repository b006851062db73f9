"""A door that is busy, takes less, refuses some, or all."""

from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from app.domain.errors import ConstIntelError
from app.importing.importing import chunks
from app.importing.memory import Came, Rejects
from app.importing.records import Record
from app.importing.sending import Door, ImportStopped
from app.importing.telling import Progress, duration

Answers = Callable[[list[int]], httpx.Response]


def taken(numbers: list[int]) -> httpx.Response:
    return httpx.Response(200, json={"data": {"events": [{"outcome": "created"} for _ in numbers]}})


def problem(status: int, detail: str = "so it is", **more: object) -> httpx.Response:
    return httpx.Response(status, json={"detail": detail, **more}, headers={"retry-after": "2"} if status == 503 else {})


class Service:
    """Answers as it is told, and remembers what it was asked, and how long it was left alone in between."""

    def __init__(self, *answers: Answers) -> None:
        self.answers, self.asked, self.waits, self.said = list(answers), list[list[int]](), list[float](), list[str]()
        self.http = httpx.Client(transport=httpx.MockTransport(self._answer), base_url="http://service")
        self.door = Door(self.http, "/api/events", "b", self.said.append, pause=self.waits.append)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert (request.headers["x-brand-id"], request.url.query) == ("b", b"backfill=true")
        self.asked.append(orjson.loads(request.content))
        return (self.answers.pop(0) if self.answers else taken)(self.asked[-1])


def events(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_a_busy_service_is_asked_again_when_it_says() -> None:
    service = Service(lambda _: problem(503), lambda _: problem(503), taken)
    assert service.door.take(events(3)).outcomes == {"created": 3}
    assert service.asked == [[0, 1, 2]] * 3
    assert service.waits == [2, 2]
    assert ["503 so it is" in one for one in service.said] == [True]


def test_what_stays_too_much_is_sent_in_parts() -> None:
    large: Answers = lambda _: problem(413)  # noqa: E731
    service = Service(*[lambda _: problem(503)] * 3, taken, large, taken, large)
    found = service.door.take(events(3))
    assert service.asked == [[0, 1, 2]] * 3 + [[0], [1, 2], [1], [2]]
    assert (found.outcomes, found.refused) == ({"created": 2}, {2: "so it is"})


def test_the_good_ones_of_a_refused_list_are_sent() -> None:
    wrong = [{"index": 1, "detail": "one"}, {"index": 3, "detail": "three"}]
    service = Service(lambda _: problem(422, errors=wrong), lambda _: problem(422, errors=[{"index": 2, "detail": "late"}]))
    found = service.door.take(events(5))
    assert service.asked == [[0, 1, 2, 3, 4], [0, 2, 4], [0, 2]]
    assert (found.outcomes, found.refused) == ({"created": 2}, {1: "one", 3: "three", 4: "late"})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_no_to_all_of_it_stops(status: int) -> None:
    service = Service(lambda _: problem(status))
    with pytest.raises(ImportStopped, match=f"{status} so it is"):
        service.door.take(events(2))
    assert len(service.asked) == 1


def test_a_service_that_is_broken_stops_it_after_a_while() -> None:
    service = Service(*[lambda _: httpx.Response(500, text="oops")] * 5)
    with pytest.raises(ImportStopped, match="500 no answer of ConstIntel's: oops"):
        service.door.take(events(1))


def test_a_service_that_goes_away_is_waited_for_but_one_that_never_was_is_not() -> None:
    def away(_: list[int]) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(httpx.ConnectError):
        Service(away).door.take(events(1))
    service = Service(taken, away, away, away, taken)
    service.door.take(events(1))
    assert service.door.take(events(2)).outcomes == {"created": 2}
    assert service.waits == [1, 2, 4]


def test_a_chunk_is_what_one_call_bears() -> None:
    small = [Record(n, ({"n": n},), None, {}) for n in range(1_500)]
    assert [len(chunk) for chunk in chunks(small)] == [1_000, 500]
    large = [Record(n, ({"n": "x" * 1_000_000},), None, {}) for n in range(7)]
    assert [len(chunk) for chunk in chunks(large)] == [3, 3, 1]
    several = [Record(n, ({}, {}, {}), None, {}) for n in range(400)]
    assert [len(chunk) for chunk in chunks(several)] == [333, 67]


def test_what_is_more_than_one_call_bears_is_refused() -> None:
    """An order of a thousand refunds: its events go together, and no service would ever take them."""
    ((first,), (second, third)) = chunks([Record(n, ({},) * count, {"n": n}, {}) for n, count in enumerate((1_000, 1_001, 1))])
    assert (len(first.encoded), second.encoded, len(third.encoded)) == (1_000, (), 1)
    assert "1,001 events" in second.record.fault


def test_a_row_as_deep_as_can_be_is_noted_by_its_line(tmp_path: Path) -> None:
    """It was sent, and may be refused for anything; no import stops at it for ever."""
    deep: object = 1
    for _ in range(254):
        deep = [deep]
    assert orjson.dumps(deep)
    rejects = Rejects(tmp_path / "x.rejected.jsonl")
    rejects.add(7, "type is missing", deep)
    assert orjson.loads(rejects.path.read_bytes()) == {"line": 7, "reason": "type is missing", "row": None}


@pytest.mark.parametrize("status", [200, 422])
def test_what_a_proxy_says_in_its_own_words_stops_it(status: int) -> None:
    service = Service(lambda _: httpx.Response(status, text="<html>sign in</html>"))
    with pytest.raises(ConstIntelError, match="no answer of ConstIntel's: <html>sign in"):
        service.door.take(events(2))


def test_what_cannot_be_written_as_json_is_refused() -> None:
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    ((row,),) = chunks([Record(7, ({"n": deep},), {"n": deep}, {})])
    assert (row.encoded, "nest it less deeply" in row.record.fault, row.record.raw) == ((), True, None)


class TestProgress:
    def told(self, *steps: tuple[float, int, float], rejected: int = 0) -> str:
        times = iter([at for at, _, _ in [*steps, steps[-1]]])
        progress = Progress("a.csv", clock=lambda: next(times))
        for _, rows, share in steps:
            progress(Came(rows=rows, rejected=rejected), share)
        return progress.line(Came(rows=steps[-1][1], rejected=rejected), steps[-1][2])

    def test_it_tells_how_fast_and_how_long(self) -> None:
        assert self.told((0, 1_000, 0.1), (4, 5_000, 0.2), rejected=3) == "a.csv: 5,000 rows, 1,000/s, 20 %, 32 s left, 3 refused"

    def test_at_first_and_at_last_nothing_is_guessed(self) -> None:
        assert self.told((0, 1_000, 0.1)) == "a.csv: 1,000 rows, 10 %"
        assert self.told((0, 1_000, 0.5), (1, 2_000, 1.0)) == "a.csv: 2,000 rows, 1,000/s, 100 %"

    @pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (100, "2 min"), (7_200, "2.0 h")])
    def test_times_are_short(self, seconds: float, text: str) -> None:
        assert duration(seconds) == text
