"""Around a request whose answer does not come."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings

Messages = list[MutableMapping[str, Any]]


@pytest.fixture
def app() -> FastAPI:
    """The service's, with a route that never ends, and one that has begun to answer. Neither asks the graph."""
    app = create_app(Graph.connect("bolt://127.0.0.1:1", "nobody", "nothing"), Settings(scheduler=False))

    async def forever() -> None:
        await asyncio.Event().wait()

    async def begun() -> StreamingResponse:
        async def pieces() -> Any:
            yield b"a"
            await forever()

        return StreamingResponse(pieces())

    async def broken() -> None:
        raise RuntimeError("odd")

    app.add_api_route("/forever", forever)
    app.add_api_route("/begun", begun)
    app.add_api_route("/v1/forever", forever)
    app.add_api_route("/v1/broken", broken)
    return app


async def cancelled(app: FastAPI, path: str) -> tuple[asyncio.Task[None], Messages]:
    """A call that the server lets go, as it does 10 s after SIGTERM, and what was sent for it."""
    sent: Messages = []

    async def receive() -> MutableMapping[str, Any]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "http_version": "1.1"}
    task = asyncio.ensure_future(app({**scope, "scheme": "http", "raw_path": path.encode()}, receive, send))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.wait([task])
    return task, sent


async def test_who_is_still_waiting_when_the_service_stops_hears_503(app: FastAPI) -> None:
    """Undoing a large merge, declaring a hub or a job that somebody waits for may take longer than a stop does."""
    task, (start, body) = await cancelled(app, "/forever")
    headers = httpx.Headers(start["headers"])
    assert (start["status"], headers["content-type"]) == (503, "application/problem+json")
    assert headers["retry-after"]
    assert headers["x-request-id"]
    assert b"stopping" in body["body"]
    assert not task.cancelled()
    assert task.exception() is None


async def test_a_pages_script_may_read_that_the_service_stops_or_broke(app: FastAPI) -> None:
    """Else a browser tells it of a failure of the network alone, and not when to try again."""
    _, (start, _) = await cancelled(app, "/v1/forever")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x.test") as client:
        broke = await client.get("/v1/broken")
    assert (start["status"], broke.status_code) == (503, 500)
    for headers in (httpx.Headers(start["headers"]), broke.headers):
        assert headers.get_list("access-control-allow-origin") == ["*"]
        assert "retry-after" in headers["access-control-expose-headers"]
    _, (elsewhere, _) = await cancelled(app, "/forever")
    assert "access-control-allow-origin" not in httpx.Headers(elsewhere["headers"])


async def test_an_answer_that_has_begun_is_cut_off(app: FastAPI) -> None:
    task, sent = await cancelled(app, "/begun")
    assert [message.get("status") for message in sent] == [200, None]
    assert task.cancelled()
