"""What is old leaves the streams; whoever would miss it is told."""

from datetime import UTC, datetime, timedelta

import pytest

from app.graph.driver import Graph
from app.publish import retention
from app.publish.retention import expire
from tests.api.brand import Brand

RAW, CHANGES = "/api/streams/events.raw", "/api/streams/identity.changes"
WEEK = timedelta(days=7)


async def ago(brand: Brand, days: int, *event_ids: str) -> None:
    """Makes stored events that many days old."""
    await brand.cypher(
        "MATCH (e:Event {brand_id: $brand}) WHERE e.event_id IN $ids SET e.received_at = datetime() - duration({days: $days})",
        ids=list(event_ids),
        days=days,
    )


async def test_old_entries_leave_and_a_cursor_before_them_is_told(brand: Brand, graph: Graph) -> None:
    told = [(await brand.see(email="a@x.org"))["event_id"] for _ in range(6)]
    await brand.data(RAW)
    await ago(brand, 8, told[0], told[1], told[3])  # the fourth is old too, but one that is not stands before it
    assert await expire(graph, brand.brand_id, datetime.now(UTC) - WEEK) == 2
    assert await expire(graph, brand.brand_id, datetime.now(UTC) - WEEK) == 0
    for topic in (RAW, "/api/streams/events.normalized"):
        assert [entry["position"] for entry in await brand.data(topic)] == [3, 4, 5, 6]
        assert [entry["position"] for entry in await brand.data(topic, after=2, limit=2)] == [3, 4]
        for after in (0, 1):
            gone = await brand.get(topic, after=after)
            assert (gone.status_code, gone.headers["content-type"]) == (410, "application/problem+json")
            assert gone.json() | {"oldest_position": 3, "after": after} == gone.json()
            assert "after=2" in gone.json()["detail"]
    assert await brand.count("Event") == 6
    assert await brand.count("Outbox") == 4


async def test_positions_go_on_when_all_is_gone(brand: Brand, graph: Graph) -> None:
    told = [(await brand.see(email="a@x.org"))["event_id"] for _ in range(3)]
    await brand.data(RAW)
    await ago(brand, 8, *told)
    assert await expire(graph, brand.brand_id, datetime.now(UTC) - WEEK) == 3
    assert (await brand.get(RAW)).json() == {"data": [], "next": None}
    assert (await brand.get(RAW, after=3)).json() == {"data": [], "next": None}
    await brand.see(email="a@x.org")
    assert [entry["position"] for entry in await brand.data(RAW)] == [4]
    assert (await brand.get(RAW, after=2)).status_code == 410


async def test_an_erased_event_keeps_nothing_waiting(brand: Brand, graph: Graph) -> None:
    told = [(await brand.see(email="a@x.org"))["event_id"] for _ in range(3)]
    await brand.data(RAW)
    await brand.cypher("MATCH (e:Event {brand_id: $brand, event_id: $id}) DETACH DELETE e", id=told[0])
    assert await expire(graph, brand.brand_id, datetime.now(UTC) - WEEK) == 1
    assert [entry["position"] for entry in await brand.data(RAW)] == [2, 3]


async def test_it_leaves_in_steps_and_reading_takes_one(brand: Brand, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "TRIMMED_AT_ONCE", 2)
    told = [(await brand.see(email="a@x.org"))["event_id"] for _ in range(6)]
    assert len(await brand.data(RAW)) == 6
    await ago(brand, 8, *told)
    await brand.data(RAW)  # places nothing, so it clears nothing away
    assert await brand.count("Outbox") == 6
    await brand.see(email="a@x.org")
    assert [entry["position"] for entry in await brand.data(RAW, after=6)] == [7]
    assert [entry["position"] for entry in await brand.data(RAW)] == [3, 4, 5, 6, 7]
    assert await expire(graph, brand.brand_id, datetime.now(UTC) - WEEK) == 2


async def test_the_maintenance_job_clears_what_nobody_reads(brand: Brand) -> None:
    told = [(await brand.see(email="a@x.org"))["event_id"] for _ in range(3)]
    await ago(brand, 8, *told)
    await brand.see(email="a@x.org")
    assert (await brand.post("/api/jobs/maintenance/run", {}))["data"]["expired"] == 3
    (entry,) = await brand.data(RAW)
    assert entry["position"] == 4


@pytest.mark.parametrize("topic", [RAW, CHANGES])
async def test_a_position_that_was_not_given_yet_is_told(brand: Brand, topic: str) -> None:
    """Law: nobody waits in silence for a stream to reach where another one was (a backup that was put back, another brand's
    position): what comes until then would be missed."""
    await brand.see(email="a@x.org")
    await brand.see(email="b@x.org")
    assert [entry["position"] for entry in await brand.data(topic)] == [1, 2]
    assert (await brand.get(topic, after=2)).json() == {"data": [], "next": None}
    for headers in ({}, {"accept": "text/event-stream"}):
        early = await brand.call("GET", topic, headers, params={"after": "3"})
        assert (early.status_code, early.headers["content-type"]) == (410, "application/problem+json")
        assert early.json() | {"oldest_position": 1, "after": 3} == early.json()
        assert "the last is 2" in early.json()["detail"]
    assert [entry["position"] for entry in await brand.data(topic, after=0)] == [1, 2]


async def test_nothing_lies_ahead_of_a_stream_that_nobody_wrote_to(brand: Brand) -> None:
    assert (await brand.get(RAW, after=0)).json() == {"data": [], "next": None}
    assert (await brand.get(RAW, after=1)).status_code == 410
