"""Following a stream over a real socket: what is there, what comes, where it goes on, and how it ends."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from app import running
from app.api import event_stream
from app.graph.driver import Graph
from app.main import create_app
from app.publish import follow
from app.running import _Server
from app.settings import Settings
from tests.api.brand import Brand
from tests.event_source import EventSource

NORMALIZED = "/api/streams/events.normalized"
EVENTS = {"accept": "text/event-stream"}


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """The app on a port of its own, in this very process; stopped as the service stops."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="httptools", access_log=False, timeout_graceful_shutdown=10)
    server = _Server(config, app.state.streams.close)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", server
    finally:
        server.should_exit = True
        await task


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(graph: Graph) -> AsyncIterator[str]:
    async with serving(create_app(graph, Settings(request_deadline_s=60, max_open_streams=5))) as (address, _):
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def source(brand: Brand, url: str) -> AsyncIterator[EventSource]:
    """Follows this brand's events from their beginning."""
    client = EventSource(url + NORMALIZED, brand.brand_id)
    task = asyncio.create_task(client.follow())
    yield client
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_is_there_and_what_comes(brand: Brand, source: EventSource) -> None:
    """Law: an event's data is the entry as the JSON page shows it."""
    for _ in range(3):
        await brand.see(email="a@x.org", did="page_view")
    await source.until(3)
    began = time.monotonic()
    await brand.see(email="a@x.org", did="error", properties={"text": "two\nlines\r\x85\u2028"})
    await source.until(4)
    assert time.monotonic() - began < 3  # about a second, on a machine that does other things too
    assert [(message.id, message.event) for message in source.seen] == [(f"{n}", "events.normalized") for n in range(1, 5)]
    assert [message.data for message in source.seen] == await brand.data(NORMALIZED)
    assert (source.connections, source.retry_ms) == (1, 2_000)


async def test_it_goes_on_behind_the_last_event(brand: Brand, url: str) -> None:
    for _ in range(5):
        await brand.see(email="a@x.org")
    for query, last_id, first in (
        ("", None, 1),
        ("?after=2", None, 3),
        ("?cursor=3", None, 4),
        ("?after=1", "4", 5),
        ("", "", 1),
    ):
        client = EventSource(f"{url}{NORMALIZED}{query}", brand.brand_id, last_id)
        async with aclosing(client.messages()) as messages:
            assert (await anext(messages)).data["position"] == first


async def test_many_followers_share_one_look_at_the_graph(brand: Brand, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    read = follow.read_stream

    async def counted(graph: Graph, brand_id: str, *asked: object) -> object:
        looks.append(brand_id)
        return await read(graph, brand_id, *asked)  # type: ignore[arg-type]

    monkeypatch.setattr(follow, "read_stream", counted)
    async with serving(create_app(graph, Settings(max_open_streams=30))) as (address, _):
        crowd = [EventSource(address + NORMALIZED, brand.brand_id) for _ in range(30)]
        tasks = [asyncio.create_task(one.follow()) for one in crowd]
        try:
            await brand.see(email="a@x.org")
            await asyncio.gather(*(one.until(1) for one in crowd))
            await asyncio.sleep(0.5)
            looks.clear()
            for n in range(5):
                await brand.see(email=f"{n}@x.org")
            await asyncio.gather(*(one.until(6) for one in crowd))
            await asyncio.sleep(1)
            assert len(looks) < 30  # each for itself would be 30 a look
            assert {one.connections for one in crowd} == {1}
            shown = await brand.data(NORMALIZED)
            assert len(shown) == 6
            assert all([message.data for message in one.seen] == shown for one in crowd)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_silence_is_broken_by_comments(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "HEARTBEAT_S", 0.2)
    async with asyncio.timeout(20):
        while source.heartbeats < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert source.connections == 1


async def test_only_so_many_are_open_and_who_hangs_up_makes_room(brand: Brand, url: str) -> None:
    await brand.see(email="a@x.org")
    headers = {**EVENTS, "x-brand-id": brand.brand_id}
    open_ones = [EventSource(url + NORMALIZED, brand.brand_id).messages() for _ in range(5)]
    try:
        for one in open_ones:
            await anext(one)
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            refused = await client.get(NORMALIZED)
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
            assert int(refused.headers["retry-after"]) >= 1
            assert "CONSTINTEL_MAX_OPEN_STREAMS" in refused.json()["detail"]
            assert (await client.get(NORMALIZED, headers={"accept": "application/json"})).status_code == 200
        await open_ones.pop().aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.5)
        async with aclosing(EventSource(url + NORMALIZED, brand.brand_id).messages()) as again:
            assert (await anext(again)).id == "1"
    finally:
        for one in open_ones:
            await one.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("topic", "last_id", "status"), [("events.cooked", None, 404), ("events.raw", "x", 400), ("events.raw", "-1", 400)]
)
async def test_what_is_wrong_is_told_before_the_stream_begins(
    brand: Brand, url: str, topic: str, last_id: str | None, status: int
) -> None:
    client = EventSource(f"{url}/api/streams/{topic}", brand.brand_id, last_id)
    assert [message async for message in client.messages()] == []
    assert client.refused == [status]


async def test_who_begins_behind_the_window_hears_nothing_of_who_was_erased(
    brand: Brand, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law: what is erased leaves the memory of every process, too, within moments: somebody else's window had it for as long as
    nobody wrote more, and gave it to whoever came by."""
    monkeypatch.setattr(follow, "KEPT_S", 0.2, raising=False)
    monkeypatch.setattr(follow, "PAGE_ENTRIES", 1)
    streams = follow.Streams(graph, event_stream.written, 2, timedelta(days=1))
    there = await streams.follow(brand.brand_id, "events.raw", None)
    looking = asyncio.create_task(there.more())
    (tail,) = streams._tails.values()
    while tail.begins < 0:  # noqa: ASYNC110 - until it has caught up
        await asyncio.sleep(0.01)
    await brand.see(email="a@x.org")
    await looking
    await brand.see(email="gone@x.org")
    taken = await there.more()
    assert taken is not None
    assert b"gone@x.org" in taken.entries[0].content
    await brand.post("/api/erasures", {"type": "email", "value": "gone@x.org"})
    await asyncio.sleep(0.2 + 2 * follow.POLL_S)
    await brand.see(email="b@x.org")
    new = await streams.follow(brand.brand_id, "events.raw", None)
    heard: list[follow.Entry] = []
    async with asyncio.timeout(20):
        while not heard or heard[-1].position < 3:
            batch = await new.more()
            assert batch is not None
            heard += batch.entries
    assert [entry.position for entry in heard] == [1, 3]
    assert b"gone@x.org" not in b"".join(entry.content for entry in heard)
    streams.close()


async def test_a_slow_consumer_costs_no_more_than_its_page(brand: Brand, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window keeps the newest entries only; who fell behind it reads pages, and misses nothing."""
    monkeypatch.setattr(follow, "WINDOW_BYTES", 3_000)
    streams = follow.Streams(graph, event_stream.written, 2, timedelta(days=1))
    slow, quick = [await streams.follow(brand.brand_id, "events.normalized", None) for _ in range(2)]
    seen: dict[str, list[int]] = {"slow": [], "quick": []}

    async def take(name: str, consumer: follow.Following, count: int) -> None:
        while len(seen[name]) < count:
            batch = await consumer.more()
            assert batch is not None
            seen[name] += [entry.position for entry in batch.entries]

    async with asyncio.timeout(60):
        first = [asyncio.create_task(take(name, one, 1)) for name, one in (("slow", slow), ("quick", quick))]
        await brand.see(email="a@x.org")
        await asyncio.gather(*first)
        for part in range(1, 5):
            for _ in range(5):
                await brand.see(email="a@x.org", properties={"note": "x" * 400})
            await take("quick", quick, 1 + 5 * part)
        (tail,) = streams._tails.values()
        assert tail._size == sum(len(entry.content) for _, entry in tail._kept) <= 3_000
        assert tail.begins > 1
        await take("slow", slow, 21)
    assert seen["slow"] == seen["quick"] == list(range(1, 22))
    for one in (slow, quick, slow):  # closing twice is closing once
        one.close()
    assert (streams.open, streams._tails) == (0, {})


async def takes_nothing(url: str, brand: Brand) -> asyncio.StreamWriter:
    """A connection that asks for the stream and never reads what comes."""
    host, port = url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1024)
    lines = (f"GET {NORMALIZED} HTTP/1.1", "host: x", f"x-brand-id: {brand.brand_id}", "accept: text/event-stream", "", "")
    writer.write("\r\n".join(lines).encode())
    return writer


async def much(brand: Brand) -> None:
    """More than the buffers of a connection take."""
    for _ in range(12):
        await brand.see(email="a@x.org", properties={f"n{i}": "x" * 900 for i in range(60)})
    await brand.cypher(
        """MATCH (e:Event {brand_id: $brand}) WITH collect(e.event_id) AS ids UNWIND range(1, 500) AS n
           CREATE (:Outbox {brand_id: $brand, kind: 'event', event_id: ids[n % 12], profile_id: 'p', pending: 100 + n})"""
    )


async def until(happened: Callable[[], bool], within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not happened():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def test_a_consumer_who_takes_nothing_is_let_go_and_no_stop_waits_for_it(
    brand: Brand, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await much(brand)
    app = create_app(graph, Settings())
    streams: follow.Streams = app.state.streams
    async with serving(app) as (address, server):
        monkeypatch.setattr(event_stream, "SEND_S", 1.0)
        monkeypatch.setattr(running, "STUCK_S", 1.0)
        first = await takes_nothing(address, brand)
        await until(lambda: streams.open == 1)
        await until(lambda: streams.open == 0)
        await until(lambda: not server.server_state.connections)  # with all that it had not taken
        monkeypatch.setattr(event_stream, "SEND_S", 60.0)
        second = await takes_nothing(address, brand)
        await until(lambda: streams.open == 1)
        await asyncio.sleep(2)
        assert streams.open == 1
        began = time.monotonic()
        server.should_exit = True
        await until(lambda: not server.server_state.connections)
        assert time.monotonic() - began < 6
        for writer in (first, second):
            writer.transport.abort()


async def test_stopping_ends_the_streams_at_once(brand: Brand, graph: Graph) -> None:
    await brand.see(email="a@x.org")
    async with serving(create_app(graph, Settings())) as (address, server):
        client = EventSource(address + NORMALIZED, brand.brand_id)
        messages = client.messages()
        await anext(messages)
        began = time.monotonic()
        server.should_exit = True
        assert [message async for message in messages] == []  # a proper end, no broken connection
    assert time.monotonic() - began < 3
