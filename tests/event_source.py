"""A client of Server-Sent Events as a browser's EventSource is one: it parses by the standard and comes back where it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.processes import NO_TLS


@dataclass
class Message:
    id: str
    event: str
    data: Any


@dataclass
class EventSource:
    """`messages()` follows one connection to its end; `seen` is everything that any of them brought."""

    url: str
    brand_id: str
    last_id: str | None = None
    seen: list[Message] = field(default_factory=list)
    heartbeats: int = 0
    retry_ms: int | None = None
    connections: int = 0
    refused: list[int] = field(default_factory=list)

    async def messages(self) -> AsyncIterator[Message]:
        headers = {"accept": "text/event-stream", "x-brand-id": self.brand_id}
        if self.last_id is not None:
            headers["last-event-id"] = self.last_id
        timeout = httpx.Timeout(5, read=60)
        async with (
            httpx.AsyncClient(timeout=timeout, verify=NO_TLS) as client,
            client.stream("GET", self.url, headers=headers) as answer,
        ):
            if answer.status_code != 200:
                self.refused.append(answer.status_code)
                return
            assert answer.headers["content-type"].startswith("text/event-stream")
            self.connections += 1
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line.startswith(":"):
                    self.heartbeats += 1
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                else:
                    self.retry_ms = int(fields.pop("retry", self.retry_ms or 0))
                    if "data" in fields:
                        message = Message(fields["id"], fields["event"], json.loads(fields["data"]))
                        self.last_id = message.id
                        self.seen.append(message)
                        yield message
                    fields = {}

    async def follow(self) -> None:
        """Until it is cancelled: comes back whenever the connection ends, like a browser, though faster."""
        while True:
            try:
                async for _ in self.messages():
                    pass
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)

    async def until(self, count: int, within_s: float = 20.0) -> None:
        """Waits until so many messages were seen."""
        async with asyncio.timeout(within_s):
            while len(self.seen) < count:  # noqa: ASYNC110 - the follower is another task
                await asyncio.sleep(0.02)

    @property
    def positions(self) -> list[int]:
        return [message.data["position"] for message in self.seen]


def last_written(journal: Path) -> str | None:
    """The position of the last whole line; what a kill left of a line behind it is cut off."""
    if not journal.exists():
        return None
    whole = [line for line in journal.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    journal.write_bytes(b"".join(whole))
    return str(json.loads(whole[-1])["position"]) if whole else None


def write_down(url: str, brand_id: str, journal: Path) -> None:
    """A consumer that may be killed at any time: an entry and its position are one line, and the last whole line counts."""
    asyncio.run(_write_down(url, brand_id, journal))


async def _write_down(url: str, brand_id: str, journal: Path) -> None:
    source = EventSource(url, brand_id, last_written(journal))
    with journal.open("ab", buffering=0) as out:
        while True:
            try:
                async for message in source.messages():
                    out.write(json.dumps(message.data).encode() + b"\n")
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
