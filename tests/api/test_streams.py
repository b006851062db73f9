"""The built-in streams: gapless, never reordered, the same for every reader."""

import asyncio
from typing import Any

import pytest
from neo4j import AsyncDriver

from app.graph.driver import Graph
from app.publish import stream
from app.publish.stream import in_order, place, read_stream
from tests.api.brand import PURCHASE, SARAH, Brand

RAW, NORMALIZED = "/api/streams/events.raw", "/api/streams/events.normalized"


async def positions(brand: Brand, limit: int) -> list[tuple[int, str]]:
    """The whole stream as one reader sees it, page by page."""
    found: list[tuple[int, str]] = []
    after = "0"
    while True:
        page = (await brand.get(NORMALIZED, after=after, limit=limit)).json()
        found += [(entry["position"], entry["event_id"]) for entry in page["data"]]
        if page["next"] is None:
            return found
        assert page["next"] == str(found[-1][0])
        after = page["next"]


async def test_both_streams_of_one_purchase(brand: Brand) -> None:
    (told,) = await brand.shopify(PURCHASE)
    (raw,) = await brand.data(RAW)
    assert raw.pop("received_at").endswith("Z")
    assert "ORD-12345" in raw.pop("raw")
    assert raw == {"position": 1, "event_id": told["event_id"], "source": "shopify", "type": "purchase"}
    (entry,) = await brand.data(NORMALIZED)
    assert entry["properties"]["order_number"] == "ORD-12345"
    del entry["properties"], entry["received_at"]
    assert entry == {
        "position": 1,
        "event_id": told["event_id"],
        "type": "purchase",
        "source": "shopify",
        "occurred_at": "2024-01-15T10:00:00Z",
        "profile_id": told["profile_id"],
        "outcome": "created",
        "merge_id": None,
        "review_id": None,
        "identifiers": [{"type": "email", "value": SARAH}],
        "value": 89.99,
        "currency": "USD",
    }


async def test_an_event_keeps_the_profile_it_had_then(brand: Brand) -> None:
    first = await brand.see(email="a@x.org")
    second = await brand.see(loyalty_id="L-1")
    both = await brand.see(email="a@x.org", loyalty_id="L-1")
    nobody = await brand.see(email="noreply@shop.com")
    entries = {entry["event_id"]: entry for entry in await brand.data(NORMALIZED)}
    for told in (first, second, both, nobody):
        shown = entries[told["event_id"]]
        assert {name: shown[name] for name in told} == told
    assert "value" not in entries[both["event_id"]]


async def test_cursors_go_on_where_they_were(brand: Brand) -> None:
    assert (await brand.get(RAW)).json() == {"data": [], "next": None}
    told = [(await brand.see(email="a@x.org"))["event_id"] for _ in range(5)]
    page = (await brand.get(RAW, limit=3)).json()
    assert [(entry["position"], entry["event_id"]) for entry in page["data"]] == list(enumerate(told[:3], 1))
    assert page["next"] == "3"
    rest = (await brand.get(RAW, after=page["next"])).json()
    assert [entry["event_id"] for entry in rest["data"]] == told[3:]
    assert rest["next"] is None
    last = rest["data"][-1]["position"]  # a position is a valid `after`
    assert (await brand.get(RAW, after=last)).json() == {"data": [], "next": None}
    late = await brand.see(email="b@x.org")  # its clock is behind, its position is not
    (entry,) = await brand.data(RAW, after=last)
    assert (entry["position"], entry["event_id"]) == (6, late["event_id"])


async def test_a_full_page_that_is_the_last_says_so(brand: Brand) -> None:
    for _ in range(4):
        await brand.see(email="a@x.org")
    assert [(await brand.get(RAW, limit=limit)).json()["next"] for limit in (3, 4, 5)] == ["3", None, None]
    assert (await brand.get(RAW, limit=2, after=2)).json()["next"] is None


async def test_a_cursor_may_be_called_cursor_here_and_after_elsewhere(brand: Brand) -> None:
    told = [(await brand.see(email=f"{name}@x.org")) for name in "abc"]
    assert [entry["position"] for entry in await brand.data(RAW, cursor=2)] == [3]
    assert len(await brand.data(RAW, cursor="", after="")) == 3
    page = (await brand.get("/api/profiles", limit=2)).json()
    rest = await brand.data("/api/profiles", after=page["next"])
    assert sorted(one["profile_id"] for one in page["data"] + rest) == sorted(one["profile_id"] for one in told)
    for path in ("/api/profiles", RAW):
        assert (await brand.get(path, cursor="1", after="2")).status_code == 400
        assert len(await brand.data(path, cursor="", after="")) == 3
    for path in ("/api/merges", "/api/merge-queue"):
        assert (await brand.get(path, after="none of ours")).status_code == 400


@pytest.mark.parametrize(("topic", "field"), [(RAW, "raw"), (NORMALIZED, "properties")])
async def test_a_page_of_large_events_ends_early_and_the_next_goes_on(
    brand: Brand, monkeypatch: pytest.MonkeyPatch, topic: str, field: str
) -> None:
    """Law: a page ends by its size too, after one entry at the least, so that whatever was accepted can be read."""
    monkeypatch.setattr(stream, "PAGE_CHARACTERS", 5_000)
    told = [await brand.see(properties={"note": "x" * size}, email="a@x.org") for size in (2_000, 2_000, 2_000, 9_000, 9_000, 1)]
    sizes, found, after = [], [], "0"
    while page := (await brand.get(topic, after=after)).json()["data"]:
        sizes.append(len(page))
        found += [entry["event_id"] for entry in page]
        after = page[-1]["position"]
    assert sizes == [3, 1, 1, 1]
    assert found == [one["event_id"] for one in told]
    assert field in (await brand.data(topic, limit=1))[0]


async def test_repeats_are_not_streamed_again(brand: Brand) -> None:
    for _ in range(3):
        await brand.shopify(PURCHASE)
    assert len(await brand.data(RAW)) == 1


async def test_a_page_needs_several_sweeps(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PLACED_AT_ONCE", 10)
    bodies = [{"type": "x", "identifiers": {"user_id": f"u{i % 7}"}, "idempotency_key": f"{i}"} for i in range(45)]
    await brand.post("/api/events", bodies)
    assert [entry["position"] for entry in await brand.data(RAW, limit=35)] == list(range(1, 36))
    assert len(await positions(brand, 1000)) == 45


async def test_readers_and_writers_at_once_see_one_gapless_sequence(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: whoever reads, however fast, gets the same sequence; nothing hides behind a cursor."""
    monkeypatch.setattr(stream, "PLACED_AT_ONCE", 7)
    told: list[dict[str, Any]] = []
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for turn in range(15):
            bodies = [
                {"type": "x", "identifiers": {"user_id": f"w{writer}-{i}"}, "idempotency_key": f"{writer} {turn} {i}"}
                for i in range(4)
            ]
            told.extend((await brand.post("/api/events", bodies))["data"]["events"])

    async def follow(limit: int) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        after, last_turn = "0", False
        while True:
            last_turn = done.is_set()
            page = (await brand.get(NORMALIZED, after=after, limit=limit)).json()
            found += [(entry["position"], entry["event_id"]) for entry in page["data"]]
            after = str(found[-1][0]) if found else after
            if last_turn and not page["data"]:
                return found

    readers = [asyncio.create_task(follow(limit)) for limit in (1, 3, 10, 100)]
    await asyncio.gather(*(write(writer) for writer in range(3)))
    done.set()
    sequences = await asyncio.gather(*readers)
    for sequence in sequences:
        assert [position for position, _ in sequence] == list(range(1, 181))
        assert sequence == sequences[0]
    assert {event_id for _, event_id in sequences[0]} == {one["event_id"] for one in told}
    await assert_each_profile_in_its_order(brand, [event_id for _, event_id in sequences[0]])


async def assert_each_profile_in_its_order(brand: Brand, sequence: list[str]) -> None:
    clocks = await brand.cypher(
        "MATCH (e:Event {brand_id: $brand}) RETURN e.event_id AS id, e.clock AS clock, e.answered_profile_id AS profile"
    )
    of = {row["id"]: row for row in clocks}
    last: dict[str, int] = {}
    for event_id in sequence:
        row = of[event_id]
        assert row["clock"] > last.get(row["profile"], 0)
        last[row["profile"]] = row["clock"]


async def test_two_sweeps_at_once_place_each_row_once(brand: Brand, graph: Graph) -> None:
    await brand.post("/api/events", [{"type": "x", "identifiers": {"user_id": f"u{i}"}} for i in range(60)])
    placed = await asyncio.gather(*(place(graph, brand.brand_id) for _ in range(4)))
    assert sum(placed) == 60
    assert [position for position, _ in await positions(brand, 1000)] == list(range(1, 61))


async def test_a_commit_that_is_only_partly_visible_is_waited_for(brand: Brand, graph: Graph, driver: AsyncDriver) -> None:
    """A row whose event is still being written: Neo4j shows a commit piece by piece, its locks end last."""
    await brand.cypher("CREATE (:Outbox {brand_id: $brand, kind: 'event', event_id: 'e1', profile_id: 'p', pending: 1})")
    async with driver.session() as session:
        writing = await session.begin_transaction()
        made = await writing.run(
            """CREATE (e:Event {brand_id: $brand, event_id: 'e1', source: 's', type: 't', properties: '{}', raw: '',
                                outcome: 'created', received_at: datetime(), occurred_at: datetime()})
               SET e.key = $brand + '|e1'""",
            brand=brand.brand_id,
        )
        await made.consume()
        reading = asyncio.create_task(read_stream(graph, brand.brand_id, "events.raw", 0, 10))
        await asyncio.sleep(0.5)
        assert not reading.done()
        await writing.commit()
    assert [entry["event_id"] for entry in (await reading).entries] == ["e1"]


def test_a_row_seen_too_late_waits_unless_it_was_followed() -> None:
    waiting = [
        {"id": "new stranger", "profile_id": "q", "clock": 1},
        {"id": "before", "profile_id": "p", "clock": 2},
        {"id": "ended", "profile_id": "p", "clock": 3},
        {"id": "after", "profile_id": "p", "clock": 4},
    ]
    assert in_order({"ended": 1}, waiting) == ["before", "ended"]


async def test_strangers_come_in_the_order_they_were_heard_of(brand: Brand) -> None:
    """Their clocks are equal, so the moment of receipt tells."""
    told = [(await brand.see(email=f"{number}@x.org"))["event_id"] for number in range(8)]
    assert [entry["event_id"] for entry in await brand.data(RAW)] == told


async def test_an_erased_event_leaves_only_its_position(brand: Brand) -> None:
    told = [await brand.see(email="a@x.org") for _ in range(3)]
    await brand.cypher("MATCH (e:Event {brand_id: $brand, event_id: $id}) DETACH DELETE e", id=told[1]["event_id"])
    page = (await brand.get(RAW)).json()
    assert [entry["position"] for entry in page["data"]] == [1, 3]
    page = (await brand.get(RAW, limit=2)).json()
    assert [entry["position"] for entry in page["data"]] == [1]
    assert page["next"] == "2"


async def test_brands_have_streams_of_their_own(brand: Brand, stranger: Brand) -> None:
    await brand.see(email="a@x.org")
    await stranger.see(email="b@x.org")
    (entry,) = await brand.data(RAW)
    (other,) = await stranger.data(RAW)
    assert entry["position"] == other["position"] == 1
    assert entry["event_id"] != other["event_id"]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "\u0663"])
async def test_a_bad_position_is_told_why(brand: Brand, after: str) -> None:
    assert (await brand.get(RAW, after=after)).status_code == 400


async def test_an_unknown_topic_names_those_there_are(brand: Brand) -> None:
    response = await brand.get("/api/streams/events.cooked")
    assert response.status_code == 404
    assert "events.raw, events.normalized" in response.json()["detail"]
