"""The socket that the service listens on, and who answers there while the database is still starting."""

import asyncio
import errno
import os
import socket
from collections.abc import Mapping
from typing import cast

import orjson

from app.domain import any_page
from app.domain.errors import SetUpError, Unavailable

BACKLOG = 1024
MOST_HEAD_BYTES = 16 * 1024
HANG_UP_AFTER_S = 5.0  # nobody holds a connection longer here, whatever they still want to send
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what stands for it, nothing listens by this

_UNAVAILABLE = "503 Service Unavailable"
_ALIVE = b'{"status":"ok"}'
_STARTING = orjson.dumps(
    {
        "type": "about:blank",
        "title": Unavailable.title,
        "status": 503,
        "detail": "the database is starting; nothing was acknowledged, try again in a moment",
    }
)


# What a browser that opens the console sees instead; it asks again by itself.
_STARTING_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    f'<meta http-equiv="refresh" content="{Unavailable.again_after_s}">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    "<title>Starting - ConstIntel</title></head><body><main><h1>ConstIntel is starting</h1>"
    "<p>The database is not ready yet. This page looks again by itself.</p></main></body></html>"
).encode()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SetUpError when the port is taken or the host is not ours."""
    try:
        family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen(BACKLOG)
        except BaseException:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        raise SetUpError(f"cannot listen on {host[:100]}:{port}: {_why(error)}") from error
    return listener


def origin(host: str, port: int) -> str:
    """The URL of a service that listens there."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def own_origin(host: str, port: int) -> str:
    """The same for who is on this machine, where every address includes loopback."""
    return origin(_EVERY_ADDRESS.get(host, host), port)


def _why(error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return "this is no known host; choose an address of this machine with --host or CONSTINTEL_HOST, such as 127.0.0.1"
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return "the port is in use; is the service running already? Choose another with --port or CONSTINTEL_PORT"
    if code == errno.EADDRNOTAVAIL:
        return "this is no address of this machine; choose one that is with --host or CONSTINTEL_HOST, such as 127.0.0.1"
    if code == errno.EACCES:
        return "this user may not take the port; choose one above 1023 with --port or CONSTINTEL_PORT"
    return f"{os.strerror(code) if code else error}; choose another --host or --port"


async def answer_while_starting(listener: socket.socket) -> asyncio.Server:
    """Answers connections at once until closed: /healthz that the process is up, everything else 503, try again.

    The socket is shared: whoever accepts next on `listener` takes over, and no connection is refused between the two.
    """
    ours = listener.dup()
    return await asyncio.get_running_loop().create_server(_Starting, sock=ours, backlog=BACKLOG)


class _Starting(asyncio.Protocol):
    """One connection: an answer as soon as the request's head is there; its body is read and thrown away."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._end = asyncio.get_running_loop().call_later(HANG_UP_AFTER_S, self._transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._end.cancel()

    def data_received(self, data: bytes) -> None:
        if self._answered:
            return
        self._head += data
        if b"\r\n\r\n" in self._head or len(self._head) > MOST_HEAD_BYTES:
            self._answered = True
            self._transport.write(_answer(bytes(self._head)))
            # Closing now would reset the connection under a body that is still coming, and the answer would be lost.
            self._transport.write_eof()


def _answer(head: bytes) -> bytes:
    method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    said = any_page.SAID if path.startswith(any_page.UNDER.encode()) else {}
    if said and method == b"OPTIONS":  # answered as ever: a browser would not send, and not hear that it shall try again
        return _written("204 No Content", {**said, **any_page.PREFLIGHT})
    if path == b"/healthz":
        status, kind, body = "200 OK", "application/json", _ALIVE
    elif path in {b"/", b"/console"} or path.startswith(b"/console/"):
        status, kind, body = _UNAVAILABLE, "text/html; charset=utf-8", _STARTING_PAGE
    else:
        status, kind, body = _UNAVAILABLE, "application/problem+json", _STARTING
    again = {"retry-after": str(Unavailable.again_after_s)} if status == _UNAVAILABLE else {}
    headers = {"content-type": kind, "content-length": str(len(body)), **again, **said}
    return _written(status, headers, b"" if method == b"HEAD" else body)


def _written(status: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items()), "connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
