"""Around every request: its id, how long it took, and a line when it was refused."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from app.telemetry.requests import request_id_of, request_ids

log = logging.getLogger("constintel.requests")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Answered = Callable[[str, str, int, float], None]

HEADER = b"x-request-id"
UNMATCHED = "unmatched"
MOST_DETAIL = 500


class Watch:
    """ASGI middleware. `answered` hears (method, route template, status, seconds) of each request.

    A request that is taken leaves no line: at thousands a second, they would be what is slow. A refused one leaves one.
    """

    def __init__(self, app: App, answered: Answered, unexpected: App, stopping: App) -> None:
        """`unexpected` answers where the app broke, `stopping` whom the server lets go because its own end has come."""
        self._app = app
        self._answered = answered
        self._unexpected = unexpected
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), None)
        request_id = request_id_of(given)
        token = request_ids.set((request_id,))
        began = time.perf_counter()
        status, has_begun = 500, False

        async def noting(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, request_id.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            # Here, since the line shall name its request, and the answer too.
            log.error("unexpected error at %s %s", scope["method"], route_of(scope), exc_info=error)
            if has_begun:
                raise
            await self._unexpected(scope, receive, noting)
        except asyncio.CancelledError:
            if has_begun:
                raise
            await self._stopping(scope, receive, noting)  # the server would say 500, and log an error that is none
        finally:
            self._note(scope, status, time.perf_counter() - began)
            request_ids.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._answered(scope["method"], route, status, seconds)
        if status >= 400:
            level = logging.WARNING if status >= 500 or status == 429 else logging.INFO
            detail = str(scope.get("state", {}).get("refusal", ""))[:MOST_DETAIL]
            extra = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            log.log(level, "refused: %s", detail, extra=extra)


def route_of(scope: Scope) -> str:
    """The template of the route that matched: a path holds ids, and there is no end to them."""
    return str(getattr(scope.get("route"), "path", UNMATCHED))
