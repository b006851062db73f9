"""What needs the whole program: the graph, migrated, and HTTP over it. `service` has it imported while Neo4j starts."""

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from app.connections import Bounded
from app.domain.access import HOW_TO_MAKE_ONE
from app.domain.errors import SetUpError, Unavailable
from app.graph.api_keys import ApiKeys
from app.graph.cypher_door import CypherDoor
from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.graph.migrations import migrate, until_newer
from app.ingest.warm_up import warm_up, warm_up_for_the_first
from app.main import access_of, create_app
from app.service import STOP_SIGNALS, Report
from app.settings import Settings

COLLECT_AFTER = (50_000, 20, 20)  # objects, then collections of the younger generation
STUCK_S = 30.0
STUCK_AT_STOP_S = 1.0


@asynccontextmanager
async def open_graph(address: Neo4jAddress, database: str | None, report: Report) -> AsyncIterator[Graph]:
    """A migrated graph. Raises SetUpError when Neo4j does not answer or the migrations do not fit."""
    graph = Graph.connect(address.uri, address.username, address.password, database)
    try:
        await migrate(graph, say=report)
        yield graph
    except Unavailable as error:
        reason = " ".join((str(error.__cause__ or "") or error.detail).split())  # that time is over says nothing itself
        raise SetUpError(
            f"Neo4j at {address.uri} does not answer; start it, mend NEO4J_URI, or unset that for the embedded one. {reason}"
        ) from error
    finally:
        await graph.close()


async def rehearse(address: Neo4jAddress) -> None:
    """What every service does first with an empty store: migrations and the whole warm-up."""
    async with open_graph(address, None, str) as graph:
        await warm_up(graph)


async def run(
    address: Neo4jAddress, settings: Settings, listener: socket.socket, answering: Callable[[], None], report: Report
) -> None:
    """Serves on `listener` until told to stop, or until a newer program has migrated the graph, which raises SetUpError.
    `answering` is called once requests are answered."""
    async with open_graph(address, settings.neo4j_database, report) as graph:
        await warm_up_for_the_first(graph, report)
        door = CypherDoor(address.uri, address.username, address.password, settings.neo4j_database)
        try:
            app = create_app(graph, settings, door)
            await tell_of_keys(ApiKeys(graph), settings, report)
            server = _Server(_config(settings, app), app.state.streams.close)

            def stop() -> None:
                """Not ready from now on; then nothing more is accepted, and what was accepted is finished and answered."""
                app.state.draining = True
                asyncio.get_running_loop().call_later(settings.drain_s, setattr, server, "should_exit", True)

            outdated: list[SetUpError] = []

            async def leave_to_newer() -> None:
                outdated.append(await until_newer(graph))
                report(f"stopping: {outdated[0].detail}")
                stop()

            settle_memory()
            async with alongside(warm_up(graph, report)), alongside(leave_to_newer()):
                await _run(server, listener, answering, stop)
            if outdated:
                raise outdated[0]
        finally:
            await door.close()


async def tell_of_keys(keys: ApiKeys, settings: Settings, report: Report) -> None:
    """Where everybody would be sent away since nobody has a key yet, how to make one."""
    if await access_of(keys, settings).is_closed() and not await keys.any_issued():
        report(f"nobody has a key yet, so every call is answered 401; {HOW_TO_MAKE_ONE}")


def settle_memory() -> None:
    """What is here now stays until the end, so the garbage collector need not look at it again and again.

    A delivery makes some thousand small objects that are gone, without any cycle, when it is answered; at Python's own
    thresholds looking for cycles among them took an eighth of the service's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


@asynccontextmanager
async def alongside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Runs `work` while the block runs; it ends with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _config(settings: Settings, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Bounded,
        access_log=False,
        proxy_headers=False,  # nothing here asks who the client is, or by which scheme it came
        log_config=None,  # app.telemetry.logs has said where logs go
        log_level=settings.log_level.lower(),
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,  # longer than a load balancer's, which else sends into a connection that we are closing
    )


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: a second Ctrl-C would make it drop what was accepted, with a traceback."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        letting_go = asyncio.create_task(self._let_go())
        try:
            await super().serve(sockets)
        finally:
            letting_go.cancel()

    async def _let_go(self) -> None:
        """Closes connections that owe the rest of a request for too long. And drops those that are closed on our side and whose
        clients take nothing of what is left: they would stay for ever, with all of it, and a stop would wait for them."""
        since: dict[asyncio.Transport, tuple[int, float]] = {}
        while True:
            await asyncio.sleep(0.5)
            now, patience_s = time.monotonic(), STUCK_AT_STOP_S if self.should_exit else STUCK_S
            for connection in list(self.server_state.connections):
                if isinstance(connection, Bounded) and connection.late(asyncio.get_running_loop().time()):
                    connection.transport.close()
            transports = [one.transport for one in self.server_state.connections if one.transport is not None]
            left = {one: one.get_write_buffer_size() for one in transports if one.is_closing()}
            since = {one: since[one] if one in since and since[one][0] == size else (size, now) for one, size in left.items()}
            for one, (_, began) in since.items():
                if now - began > patience_s:
                    one.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams first: uvicorn waits for open answers, and one that is followed has no end of its own."""
        self._end_streams()
        await super().shutdown(sockets)


async def _run(server: uvicorn.Server, listener: socket.socket, started: Callable[[], None], stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        # From here on a signal ends the serving in order, and nothing cuts short what comes after it.
        loop.add_signal_handler(number, stop)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers a flag, not an event
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:  # told to stop at the very moment of the change of hands
        server.should_exit = True
        await task
        raise
    if server.started:
        started()
    await task
