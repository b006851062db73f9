"""Following streams as they grow.

Whoever follows the same topic of a brand in this process shares one look at the graph: a `Tail` polls it and keeps a small
window of the newest entries, already written out, for a few seconds. A consumer who is behind the window reads pages of its
own, so a slow one costs no memory but its page. Positions come from the graph alone; a process may end at any time and nothing
is forgotten.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.domain.errors import ConstIntelError, TooManyStreams, Unavailable
from app.graph.driver import Graph
from app.graph.rows import Row
from app.publish.retention import expire
from app.publish.stream import Page, place, read_stream
from app.publish.topics import topic_of

log = logging.getLogger(__name__)

POLL_S = 0.5
POLL_AFTER_FAILURE_S = 2.0
HEARTBEAT_S = 15.0
PAGE_ENTRIES = 100
PAGE_CHARACTERS = 500_000
WINDOW_BYTES = 1_000_000
KEPT_S = 5.0  # who is further behind reads the graph, which has nothing of whoever was erased meanwhile
READ_AT_ONCE = 4  # pages that consumers behind the window may read at the same time: they must not crowd out the rest

Write = Callable[[str, Row], bytes]  # an entry of a topic as it goes out


class Entry(NamedTuple):
    position: int
    content: bytes


class Batch(NamedTuple):
    """Entries that are written out, and how far in the stream they reach."""

    entries: tuple[Entry, ...]
    last: int
    more: bool


Read = Callable[[int | None], Awaitable[Batch]]


class Streams:
    """The streams of all brands: their pages, and at most `most` consumers who follow one in this process."""

    def __init__(self, graph: Graph, write: Write, most: int, retention: timedelta) -> None:
        self._graph = graph
        self._write = write
        self._most = most
        self._retention = retention
        self._tails: dict[tuple[str, str], Tail] = {}
        self._turns = asyncio.Semaphore(READ_AT_ONCE)
        self._closed = False
        self.open = 0

    async def page(self, brand_id: str, topic: str, after: int | None, limit: int, characters: int | None = None) -> Page:
        """As `read_stream`, and lets go of what is older than the retention: whoever makes entries last clears old ones away."""
        page = await read_stream(self._graph, brand_id, topic, after, limit, characters)
        if page.placed:
            await expire(self._graph, brand_id, datetime.now(UTC) - self._retention)
        return page

    async def place(self, brand_id: str) -> int:
        """Gives all that waits its place, whether or not anybody reads it; how many entries."""
        total = 0
        while placed := await place(self._graph, brand_id):
            total += placed
        return total

    async def expire(self, brand_id: str) -> int:
        """Lets go of all that is older than the retention, whether or not anybody has read it; how many entries."""
        await self.place(brand_id)
        total = 0
        while deleted := await expire(self._graph, brand_id, datetime.now(UTC) - self._retention):
            total += deleted
        return total

    async def follow(self, brand_id: str, topic: str, after: int | None) -> "Following":
        """A consumer behind a position; it must be closed. Raises as `read_stream`, and TooManyStreams."""
        topic_of(topic)
        if self._closed:
            raise TooManyStreams("the service is stopping; connect again in a moment")
        if self.open >= self._most:
            raise TooManyStreams(
                f"{self._most} streams are open here already; try again later, read pages instead, or raise "
                "CONSTINTEL_MAX_OPEN_STREAMS"
            )
        self.open += 1
        tail = self._tails.get((brand_id, topic))
        if tail is None or tail.ended:
            tail = self._begin(brand_id, topic)
        tail.followers += 1
        following = Following(tail, after, lambda: self._leave(tail))
        try:
            await following.begin()
        except BaseException:
            following.close()
            raise
        return following

    def close(self) -> None:
        """Ends every open stream, and opens none any more."""
        self._closed = True
        for tail in list(self._tails.values()):
            tail.end()

    def _begin(self, brand_id: str, topic: str) -> "Tail":
        async def read(after: int | None) -> Batch:
            page = await self.page(brand_id, topic, after, PAGE_ENTRIES, PAGE_CHARACTERS)
            entries = tuple(Entry(entry["position"], self._write(topic, entry)) for entry in page.entries)
            return Batch(entries, page.last, page.more)

        tail = self._tails[brand_id, topic] = Tail((brand_id, topic), read, self._turns)
        return tail

    def _leave(self, tail: "Tail") -> None:
        self.open -= 1
        tail.followers -= 1
        if not tail.followers or tail.ended:
            tail.end()
            if self._tails.get(tail.name) is tail:
                del self._tails[tail.name]


class Tail:
    """The newest entries of one topic of one brand: those behind `begins`, up to `ends`. One task looks for more."""

    def __init__(self, name: tuple[str, str], read: Read, turns: asyncio.Semaphore) -> None:
        self.name = name
        self.followers = 0
        self.over = asyncio.Event()
        self.begins = self.ends = -1  # nobody has caught up yet
        self._read = read
        self._turns = turns
        self._kept: deque[tuple[float, Entry]] = deque()  # since when (the loop's time), and what
        self._size = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        return self.over.is_set()

    async def behind(self, position: int | None) -> Batch:
        """A page of the stream, for who is not in the window (any more)."""
        async with self._turns:
            return await self._read(position)

    async def after(self, position: int) -> Batch | None:
        """What comes next: at once, when it is there, and empty when HEARTBEAT_S passed in silence. None at the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                while not self.ended:
                    news = self._news
                    batch = await self._now(position)
                    if batch.last > position:
                        return batch
                    await news.wait()
        return None if self.ended else Batch((), position, more=False)

    async def _now(self, position: int) -> Batch:
        if self._task is not None and position >= self.begins:
            return Batch(
                tuple(entry for _, entry in self._kept if entry.position > position), max(self.ends, position), more=False
            )
        batch = await self.behind(position)
        if self._task is None and batch.last == position and not self.ended:
            self.begins = self.ends = position
            self._task = asyncio.create_task(self._look())
        return batch

    def end(self) -> None:
        self.over.set()
        if self._task is not None:
            self._task.cancel()
        self._kept.clear()
        self._tell()

    async def _look(self) -> None:
        """Looks for more until it is cancelled; whatever else ends it ends those who follow, who come back and are told why."""
        try:
            while True:
                pause_s = await self._look_once()
                await asyncio.sleep(pause_s)
        except ConstIntelError as error:
            log.warning("stream %s of brand %s ended: %s", self.name[1], self.name[0], error.detail)
        except Exception:
            log.exception("stream %s of brand %s ended", self.name[1], self.name[0])
        finally:
            self.over.set()
            self._tell()

    async def _look_once(self) -> float:
        """Takes what is new, and lets go of what is not any more. How long to wait before the next look."""
        self._let_go(asyncio.get_running_loop().time() - KEPT_S)
        try:
            batch = await self._read(self.ends)
        except Unavailable:
            return POLL_AFTER_FAILURE_S
        if batch.last > self.ends:
            self._take(batch)
        return 0 if batch.more else POLL_S

    def _take(self, batch: Batch) -> None:
        now = asyncio.get_running_loop().time()
        self._kept.extend((now, entry) for entry in batch.entries)
        self._size += sum(len(entry.content) for entry in batch.entries)
        self.ends = batch.last
        self._let_go(now - KEPT_S)
        self._tell()

    def _let_go(self, before: float) -> None:
        """Of entries that came before a moment, and of the oldest of more than the window holds."""
        while self._kept and (self._size > WINDOW_BYTES or self._kept[0][0] < before):
            _, gone = self._kept.popleft()
            self._size -= len(gone.content)
            self.begins = gone.position

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Following:
    """One consumer's way along a stream."""

    def __init__(self, tail: Tail, after: int | None, leave: Callable[[], None]) -> None:
        self._tail = tail
        self._after = after
        self._leave: Callable[[], None] | None = leave
        self._first: Batch | None = None

    async def begin(self) -> None:
        """Reads the first page, so that whatever is wrong with the position is told before anything was answered."""
        self._first = await self._tail.behind(self._after)
        self._after = self._first.last

    async def more(self) -> Batch | None:
        """The next entries; none after HEARTBEAT_S of silence. None when the stream ends: the consumer may come back.

        Raises Unavailable, and Gone when the retention has overtaken the consumer.
        """
        if self._first is not None and self._first.entries:
            batch, self._first = self._first, None
            return batch
        assert self._after is not None
        batch_or_end = await self._tail.after(self._after)
        if batch_or_end is not None:
            self._after = batch_or_end.last
        return batch_or_end

    async def over(self) -> None:
        """Waits until the stream ends on our side."""
        await self._tail.over.wait()

    def close(self) -> None:
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave()
