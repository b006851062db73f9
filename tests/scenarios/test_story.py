"""A stage's calls: a service that is busy for a moment is asked again, a few times."""

import httpx
import pytest

from app.scenarios.story import TRIES, ScenarioFailed, Stage

BUSY = httpx.Response(503, headers={"retry-after": "2"}, json={"title": "busy"})
DONE = httpx.Response(200, json={"data": {"profile_id": "p"}})


def stage(answers: list[httpx.Response], waits: list[float]) -> Stage:
    replies = iter(answers)
    http = httpx.Client(base_url="http://service", transport=httpx.MockTransport(lambda request: next(replies)))
    return Stage(http, "demo", alone=True, pause=waits.append)


def test_a_busy_service_is_asked_again_after_the_time_it_names() -> None:
    waits: list[float] = []
    playing = stage([BUSY, BUSY, DONE, BUSY, DONE], waits)
    assert playing.post("/api/profiles", {}) == {"profile_id": "p"}
    assert playing.get("/api/profiles/p") == {"profile_id": "p"}
    assert waits == [2.0, 2.0, 2.0]


def test_a_query_whose_time_is_over_is_asked_again_since_it_is_planned_now() -> None:
    waits: list[float] = []
    out_of_time = httpx.Response(422, json={"title": "late", "detail": "the query took longer than 5 s", "limit": "time"})
    counted = httpx.Response(200, json={"data": {"rows": [["Event", 5]]}})
    assert stage([out_of_time, counted], waits).post("/api/cypher", {}) == {"rows": [["Event", 5]]}
    with pytest.raises(ScenarioFailed, match="longer than 5 s"):
        stage([out_of_time] * TRIES, waits).post("/api/cypher", {})
    assert waits == []


def test_not_for_ever() -> None:
    waits: list[float] = []
    with pytest.raises(ScenarioFailed, match="503"):
        stage([BUSY] * TRIES, waits).post("/api/profiles", {})
    assert len(waits) == TRIES - 1


@pytest.mark.parametrize(
    ("named", "waited"),
    [("3600", 10.0), ("0", 0.0), ("-5", 0.0), ("soon", 1.0), ("nan", 1.0), ("Wed, 25 Nov 2026 19:00:00 GMT", 1.0)],
)
def test_no_longer_than_is_sensible(named: str, waited: float) -> None:
    waits: list[float] = []
    busy = httpx.Response(503, headers={"retry-after": named})
    assert stage([busy, DONE], waits).get("/x")
    assert waits == [waited]


def test_other_refusals_are_told_at_once() -> None:
    waits: list[float] = []
    too_large = httpx.Response(422, json={"title": "large", "detail": "of 16 MB", "limit": "size"})
    for refusal in (httpx.Response(503), httpx.Response(429, headers={"retry-after": "1"}), httpx.Response(409), too_large):
        with pytest.raises(ScenarioFailed):
            stage([refusal, DONE], waits).get("/x")
    assert waits == []
