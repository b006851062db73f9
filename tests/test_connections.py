"""What a connection may send and owe. Nobody waits here: a connection is asked what it would say later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from app.connections import HEAD_S, MOST_HEAD_BYTES, SILENT_S, Bounded
from app.listening import listen
from app.running import _config, _Server
from app.settings import Settings

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


class Client:
    def __init__(self, server: uvicorn.Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def late_after(self, seconds: float) -> bool:
        """What was sent has come, and then nothing for so long."""
        await asyncio.sleep(0.05)
        (one,) = self.server.server_state.connections
        assert isinstance(one, Bounded)
        return one.late(asyncio.get_running_loop().time() + seconds)


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    with closing(listen("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(echo, http=Bounded, lifespan="off", log_config=None)
        server = _Server(config, lambda: None)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        yield Client(server, reader, writer)
        writer.close()
        server.should_exit = True
        await task


def test_the_service_has_such_connections() -> None:
    assert _config(Settings(), echo).http is Bounded  # type: ignore[arg-type]


@pytest.mark.parametrize("said", [b"", b"POST /", b"POST / HTTP/1.1\r\nx: 1\r\n"])
async def test_a_head_is_waited_for_so_long(client: Client, said: bytes) -> None:
    await client.send(said)
    assert [await client.late_after(seconds) for seconds in (0, HEAD_S - 5, HEAD_S + 5)] == [False, False, True]


async def test_a_body_is_waited_for_as_long_as_it_comes(client: Client) -> None:
    await client.send(HEAD + b"12345")
    assert [await client.late_after(seconds) for seconds in (0, SILENT_S - 5, SILENT_S + 5)] == [False, False, True]
    await client.send(b"67890")
    answer = await client.reader.readuntil(b"1234567890")
    assert answer.startswith(b"HTTP/1.1 200")
    assert not await client.late_after(10 * SILENT_S), "between two requests uvicorn's own limit holds"
    await client.send(HEAD)
    assert await client.late_after(SILENT_S + 5)


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nx: ", HEAD + b"1234567890" + b"GET / HTTP/1.1\r\nx: "])
async def test_a_head_has_an_end(client: Client, begun: bytes) -> None:
    await client.send(begun)
    await client.send(b"a" * (MOST_HEAD_BYTES + 1))
    answer = await client.reader.read()
    assert b"HTTP/1.1 431" in answer
    assert b"larger than 64 kB" in answer


async def test_a_head_that_just_fits_is_read(client: Client) -> None:
    await client.send(HEAD[:-2] + b"x: " + b"a" * (MOST_HEAD_BYTES - 200) + b"\r\n\r\n1234567890")
    assert (await client.reader.readuntil(b"1234567890")).startswith(b"HTTP/1.1 200")


async def test_what_comes_before_a_head_is_no_part_of_it(client: Client) -> None:
    """Who sends the next request without waiting for the answer: its head begins behind a large body, in one piece with it."""
    body = b"a" * (MOST_HEAD_BYTES + 1)
    await client.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body) + HEAD[:20])
    await asyncio.sleep(0.05)
    await client.send(HEAD[20:] + b"1234567890")
    client.writer.write_eof()
    answers = await client.reader.read()
    assert answers.count(b"HTTP/1.1 200") == 2
    assert answers.endswith(b"1234567890")
