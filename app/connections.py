"""Connections as strangers hold them: how much of a request's head is kept, and how long what is unfinished is waited for.

uvicorn has no such limits with httptools: a head without end took all memory, and who went away in the middle of a request and
said nothing (a phone, a machine that lost its power) held a connection, and a request, for ever.
"""

from asyncio import BaseTransport, Transport
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64 * 1024  # of request line and headers; as uvicorn's other parser
HEAD_S = 30.0  # for the whole head
SILENT_S = 30.0  # between two pieces of a body

_TOO_LARGE = b"request line and headers are larger than 64 kB; send less\n"
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_TOO_LARGE), _TOO_LARGE)
)


class Bounded(HttpToolsProtocol):
    """One connection. Somebody asks it from time to time whether it is `late`, and lets it go."""

    def connection_made(self, transport: BaseTransport) -> None:
        self._in_head, self._head_bytes = True, 0  # who has said nothing yet owes a head
        self._began = self._heard = self.loop.time()
        super().connection_made(cast("Transport", transport))

    def data_received(self, data: bytes) -> None:
        self._heard, self._body_bytes = self.loop.time(), 0
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data) - self._body_bytes
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_REFUSAL)
                self.transport.close()

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes, self._began = True, 0, self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)  # the next head may begin behind it, where nobody waits for answers
        super().on_body(body)

    def late(self, now: float) -> bool:
        """Whether the other side owes the rest of a request for too long; `now` is the loop's time. Whom we do not listen to,
        since what they sent is not taken yet, owes nothing."""
        if self._in_head:
            return now - self._began > HEAD_S
        owes = self.cycle.more_body and not self.cycle.response_complete and not self.flow.read_paused
        return owes and now - self._heard > SILENT_S
