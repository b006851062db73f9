"""The door: hands queries to reader processes, and replaces a reader that takes too long or runs out of memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from app.domain.errors import (
    BadInput,
    ConstIntelError,
    QueryRefused,
    QueryTooExpensive,
    TooLarge,
    Unavailable,
    Unprocessable,
)
from app.graph.cypher_door.child import Child, ChildEndedError, said
from app.graph.cypher_door.reader import too_long

DEFAULT_ROWS = 1_000
MOST_ROWS = 100_000
MOST_QUESTION_BYTES = 5 * 1024 * 1024
BRAND_PARAMETERS = ("brand", "brand_id")

_KINDS: dict[str, type[ConstIntelError]] = {
    kind.__name__: kind for kind in (BadInput, QueryRefused, QueryTooExpensive, Unavailable, Unprocessable)
}

Read = Callable[[str, str, Mapping[str, Any], int], Awaitable[bytes]]
"""As `CypherDoor.read`: brand, query, parameters, most rows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take. A reader is killed `grace_s` after `seconds`, so that Neo4j's own message may come first.

    `wait_s` is for a free place and for the start of a reader together, so that a caller knows after the sum of all three.
    """

    seconds: float = 5.0
    grace_s: float = 0.3
    most_bytes: int = 16 * 1024 * 1024
    memory_bytes: int = 512 * 1024 * 1024
    readers: int = 2
    wait_s: float = 5.0


@dataclass(frozen=True, slots=True)
class _Address:
    uri: str
    username: str
    password: str
    database: str | None


class CypherDoor:
    """Reads the graph for data scientists: any read-only Cypher, within limits, in processes of its own.

    A query sees the whole graph, every brand in it. `$brand` and `$brand_id` are always the caller's brand, but a query
    need not use them, and nothing short of a database per brand could make it. While the service runs open, everyone
    who reaches it may read all; with keys, nobody passes unless the brand is alone in the graph (app/access/alone.py). Reader
    processes start with the first query, about 0.3 s each.
    """

    def __init__(self, uri: str, username: str, password: str, database: str | None = None, limits: Limits | None = None) -> None:
        """Starts nothing yet."""
        self._address = _Address(uri, username, password, database)
        self._limits = limits or Limits()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._free = asyncio.Semaphore(self._limits.readers)
        self._closed = False

    @property
    def reader_pids(self) -> list[int]:
        """The reader processes that are there now."""
        return [child.pid for child in (*self._idle, *self._busy) if child.alive]

    async def read(self, brand_id: str, query: str, parameters: Mapping[str, Any], limit: int = DEFAULT_ROWS) -> bytes:
        """The answer's JSON, `{"data": {columns, rows, truncated, ms}}`, not looked into.

        Raises QueryRefused, QueryTooExpensive, BadInput (Neo4j's own message on the query or its parameters), TooLarge,
        Unprocessable or Unavailable. Nothing is tried twice.
        """
        question = _question(query, {**parameters, **_brand(brand_id, parameters)}, limit)
        until = asyncio.get_running_loop().time() + self._limits.wait_s
        async with self._slot():
            child = await self._reader(until)
            self._busy.add(child)
            try:
                is_rows, body = await self._ask(child, question)
            except BaseException:
                await child.kill()
                raise
            else:
                self._idle.append(child)
            finally:
                self._busy.discard(child)
        if not is_rows:
            raise said(body, _KINDS)
        return body

    async def close(self) -> None:
        """Ends the reader processes, busy ones too. Queries that come later are refused."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(child.close() for child in idle), *(child.kill() for child in tuple(self._busy)))

    async def _ask(self, child: Child, question: bytes) -> tuple[bool, bytes]:
        try:
            async with asyncio.timeout(self._limits.seconds + self._limits.grace_s):
                return await child.ask(question)
        except TimeoutError as error:
            raise too_long(self._limits.seconds) from error
        except ChildEndedError as error:
            if self._closed:
                raise Unavailable("the service is stopping; try again") from error
            if error.out_of_time:
                raise too_long(self._limits.seconds) from error
            if error.out_of_memory:
                raise self._too_big() from error
            raise Unavailable("the process that ran the query ended unexpectedly; see the log, and try again") from error

    def _too_big(self) -> QueryTooExpensive:
        megabytes = self._limits.memory_bytes // 1024 // 1024
        return QueryTooExpensive(
            f"reading the answer took more than {megabytes} MB of memory; return smaller values, aggregate, or add LIMIT",
            limit="memory",
        )

    async def _reader(self, until: float) -> Child:
        """A reader that lives, newly started when none is idle; `until` is the loop's time by which it has to be there."""
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
        if self._closed:
            raise Unavailable("the service is stopping; try again")
        limits = self._limits
        return await Child.start(
            {
                "address": asdict(self._address),
                "seconds": limits.seconds,
                "most_bytes": limits.most_bytes,
                "memory_bytes": limits.memory_bytes,
            },
            until - asyncio.get_running_loop().time(),
        )

    def _slot(self) -> "_Slot":
        return _Slot(self._free, self._limits.wait_s)


def counted(read: Read, ended: Callable[[str], object]) -> Read:
    """The same reading; `ended` hears how each query ended: `answered`, or the name of the error."""

    async def reading(brand_id: str, query: str, parameters: Mapping[str, Any], limit: int) -> bytes:
        try:
            answer = await read(brand_id, query, parameters, limit)
        except ConstIntelError as error:
            ended(type(error).__name__)
            raise
        ended("answered")
        return answer

    return reading


class _Slot:
    """One of the few places for a query; waiting for one has an end."""

    def __init__(self, free: asyncio.Semaphore, wait_s: float) -> None:
        self._free, self._wait_s = free, wait_s

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable("other queries are still running; try again in a moment") from error

    async def __aexit__(self, *_: object) -> None:
        self._free.release()


def _brand(brand_id: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    for name in BRAND_PARAMETERS:
        if parameters.get(name, brand_id) != brand_id:
            raise BadInput(f"the parameter {name} is always the x-brand-id of the call, {brand_id}; leave it out")
    return dict.fromkeys(BRAND_PARAMETERS, brand_id)


def _question(query: str, parameters: Mapping[str, Any], limit: int) -> bytes:
    try:
        question = orjson.dumps({"query": query, "parameters": parameters, "limit": limit})
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise BadInput(f"the query or a parameter cannot be sent to Neo4j: {error}") from error
    if len(question) > MOST_QUESTION_BYTES:
        megabytes = MOST_QUESTION_BYTES // 1024 // 1024
        raise TooLarge(f"the query and its parameters are larger than {megabytes} MB; send fewer parameters")
    return question
