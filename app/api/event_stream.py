"""Server-Sent Events: a stream over HTTP for whoever follows it, in a browser or anywhere else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import orjson
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from app.domain.errors import ConstIntelError
from app.graph.rows import Row
from app.publish.follow import Following

Stands = Callable[[], Awaitable[bool]]

RECONNECT_MS = 2_000
SEND_S = 30.0  # a consumer who takes nothing for so long is let go; it comes back to where it was
LAST_WORDS_S = 2.0  # for the end of a stream, when the service stops
HEARTBEAT = b": heartbeat\n\n"
# JSON may hold these as they are, and the standard does not take them for line ends, but many simple clients do.
LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
# No cache keeps an endless answer, and no proxy (nginx) waits for its end.
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def written(topic: str, entry: Row) -> bytes:
    """An entry as an event: its position is the id, its topic the name, its JSON the data.

    Not its type: that is a sender's word, and a browser's EventSource has meanings of its own for `error` and `open`.
    """
    data = orjson.dumps(entry, option=orjson.OPT_UTC_Z).decode().translate(LINE_ENDS)
    return format_sse_event(data_str=data, event=topic, id=str(entry["position"]))


def wanted(accept: str) -> bool:
    """Whether an Accept header asks for events."""
    return any(one.partition(";")[0].strip().lower() == "text/event-stream" for one in accept.split(","))


class EventStream(EventSourceResponse):
    """Everything that follows, until the client hangs up, the client may no more (`stands`) or the
    service stops. Closes the following whatever happens."""

    def __init__(self, following: Following, stands: Stands) -> None:
        super().__init__(_events(following, stands), headers=HEADERS)
        self._following = following

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_S):
                await send(message)

        answering = asyncio.create_task(super().__call__(scope, receive, send_in_time))
        over = asyncio.create_task(self._following.over())
        try:
            await asyncio.wait({answering, over}, return_when=asyncio.FIRST_COMPLETED)
            # Whoever takes what is sent hears the end at once; whoever does not is not waited for.
            await asyncio.wait({answering}, timeout=LAST_WORDS_S)
        finally:
            answering.cancel()
            over.cancel()
            (failure, _) = await asyncio.gather(answering, over, return_exceptions=True)
            self._following.close()
        if isinstance(failure, Exception) and not isinstance(failure, TimeoutError):
            raise failure


async def _events(following: Following, stands: Stands) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=RECONNECT_MS)
    while True:
        try:
            batch = await following.more()
            if not await stands():
                return
        except ConstIntelError:
            return  # the client comes back, and is told why before the answer begins
        if batch is None:
            return
        yield b"".join(entry.content for entry in batch.entries) or HEARTBEAT
