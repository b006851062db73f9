"""Who asks while the database starts is answered, and nobody is turned away when the service takes over."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import closing

import httpx
import pytest
import pytest_asyncio
import uvicorn

from app.domain.errors import SetUpError
from app.listening import answer_while_starting, listen, origin, own_origin
from app.running import _Server


@pytest_asyncio.fixture
async def listener() -> AsyncIterator[socket.socket]:
    with closing(listen("127.0.0.1", 0)) as opened:
        yield opened


async def test_everything_is_answered_while_the_database_starts(listener: socket.socket) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with closing(await answer_while_starting(listener)):
        async with httpx.AsyncClient(base_url=url, timeout=2) as client:
            assert (await client.get("/healthz?x=1")).json() == {"status": "ok"}
            for response in (
                await client.get("/readyz"),
                await client.post("/api/events", content=b"x" * 3_000_000),
                await client.post("/api/events", content=b"", headers={"x-long": "x" * 20_000}),
            ):
                assert response.status_code == 503
                assert response.headers["retry-after"] == "2"
                assert response.headers["content-type"] == "application/problem+json"
                assert response.json()["status"] == 503
            assert (await client.head("/readyz")).content == b""
            for path in ("/", "/console", "/console/shop/search?q=a"):
                page = await client.get(path)
                assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
                assert 'http-equiv="refresh"' in page.text


async def test_a_pages_script_is_told_that_the_database_starts(listener: socket.socket) -> None:
    """A browser first asks whether the page may send, and then shows its script only what says so."""
    page = {"origin": "https://shop.example"}
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with closing(await answer_while_starting(listener)):
        async with httpx.AsyncClient(base_url=url, timeout=2) as client:
            asked = await client.options("/v1/batch", headers={**page, "access-control-request-method": "POST"})
            assert (asked.status_code, asked.content) == (204, b"")
            assert asked.headers["access-control-allow-methods"] == "POST"
            assert "authorization" in asked.headers["access-control-allow-headers"]
            told = await client.post("/v1/batch?x=1", json={"batch": []}, headers=page)
            for answer in (asked, told):
                assert answer.headers["access-control-allow-origin"] == "*"
            assert (told.status_code, told.headers["retry-after"]) == (503, "2")
            assert "retry-after" in told.headers["access-control-expose-headers"]
            elsewhere = await client.options("/api/events", headers=page)
            assert (elsewhere.status_code, "access-control-allow-origin" in elsewhere.headers) == (503, False)


async def test_the_service_takes_over_without_a_gap(listener: socket.socket) -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"here"})  # type: ignore[operator]

    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    answers: list[int] = []

    async def ask() -> None:
        async with httpx.AsyncClient(timeout=5) as client:
            while answers[-20:] != [200] * 20:
                answers.append((await client.get(url)).status_code)

    starting = await answer_while_starting(listener)
    asking = asyncio.create_task(ask())
    while len(answers) < 5:  # noqa: ASYNC110 - a test
        await asyncio.sleep(0.01)
    server = _Server(uvicorn.Config(app, lifespan="off", log_level="critical"), lambda: None)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - a flag, not an event
        await asyncio.sleep(0.01)
    starting.close()
    await asking
    server.should_exit = True
    await serving
    assert set(answers) == {503, 200}


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("no-such-host.invalid", "no known host"),
        ("h" * 300, "no known host"),
        ("192.0.2.1", "no address of this machine"),
        ("127.0.0.1", "the port is in use"),
    ],
)
async def test_a_place_that_cannot_be_listened_on_is_explained(listener: socket.socket, host: str, said: str) -> None:
    with pytest.raises(SetUpError, match=said):
        listen(host, listener.getsockname()[1])


def test_where_it_answers_is_a_url() -> None:
    assert [origin(host, 3000) for host in ("127.0.0.1", "::1")] == ["http://127.0.0.1:3000", "http://[::1]:3000"]
    assert [own_origin(host, 3000) for host in ("0.0.0.0", "::", "::1")] == [  # noqa: S104
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "http://[::1]:3000",
    ]
