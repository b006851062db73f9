"""Starts the service: the port, the embedded Neo4j when none is named, and meanwhile the rest of the program (`running`)."""

import asyncio
import ipaddress
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing

from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.listening import answer_while_starting, listen, origin
from app.settings import Settings

Report = Callable[[str], object]
Run = Callable[[Neo4jAddress, Settings, socket.socket, Callable[[], None], Report], Coroutine[None, None, None]]

# A terminal that is closed hangs up. `nohup` has that ignored, and so it stays then.
_HANG_UP = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, *_HANG_UP)


@asynccontextmanager
async def open_neo4j(settings: Settings, embedded: EmbeddedNeo4j) -> AsyncIterator[Neo4jAddress]:
    """The Neo4j named by NEO4J_URI, else the embedded one, which stops with us."""
    if settings.neo4j_uri is not None and settings.neo4j_password is not None:
        yield Neo4jAddress(settings.neo4j_uri, settings.neo4j_username, settings.neo4j_password.get_secret_value())
        return
    try:
        yield await asyncio.to_thread(embedded.start)
    finally:
        await asyncio.to_thread(embedded.stop)  # also makes a start that is still under way give up


@asynccontextmanager
async def attach_neo4j(settings: Settings, embedded: EmbeddedNeo4j, report: Report) -> AsyncIterator[Neo4jAddress]:
    """The same beside a service: the Neo4j that one owns is used, and left to it."""
    if settings.neo4j_uri is None and await _owned(embedded, report):
        yield embedded.address
        return
    async with open_neo4j(settings, embedded) as address:
        yield address


async def _owned(embedded: EmbeddedNeo4j, report: Report) -> bool:
    """Whether a service has this home, and its Neo4j answers: one that is just starting is waited for."""
    told = False
    while (status := await asyncio.to_thread(embedded.status)).owner_pid is not None and not status.listening:
        if not told:
            report(f"the Neo4j of process {status.owner_pid} does not answer yet; waiting for it")
        told = True
        await asyncio.sleep(0.5)
    return status.owner_pid is not None


async def unless_told_to_stop(work: Coroutine[None, None, None]) -> bool:
    """Runs `work`; SIGTERM and Ctrl-C cancel it, once, and what it opened is then closed in order. Whether it ran to its end.

    Without this the process would end where it stands, and the Neo4j that it has just started would stay behind.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    told: list[int] = []

    def stop(number: int) -> None:
        told.append(number)
        if len(told) == 1:
            task.cancel()

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
        return False
    return True


def allow_open_files() -> None:
    """As many connections at once as the system lets us have: what it gives without being asked, often 1,024, is soon used up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def serve(settings: Settings, embedded: EmbeddedNeo4j, report: Report, ready: Callable[[], None] | None = None) -> None:
    """Serves until SIGTERM or Ctrl-C. `ready` is called once requests are answered. Raises SetUpError."""
    allow_open_files()
    if not await unless_told_to_stop(_serve(settings, embedded, report, ready)):
        report("stopped before it had come up")


async def _serve(settings: Settings, embedded: EmbeddedNeo4j, report: Report, ready: Callable[[], None] | None) -> None:
    # The port first: a second service should say so at once, not after it has started a database.
    with closing(listen(settings.host, settings.port)) as listener, closing(await answer_while_starting(listener)) as starting:
        if settings.access == "open" and not ipaddress.ip_address(listener.getsockname()[0]).is_loopback:
            report(
                f"warning: {settings.host} is not loopback and CONSTINTEL_ACCESS is open, so whoever reaches it may do everything"
            )

        def answering() -> None:
            starting.close()
            report(f"ConstIntel answers on {origin(settings.host, settings.port)}")
            if ready is not None:
                ready()

        loading = asyncio.create_task(asyncio.to_thread(_load))
        async with open_neo4j(settings, embedded) as address:
            run = await loading
            await run(address, settings, listener, answering, report)


def _load() -> Run:
    """A thousand modules, in seconds in which Neo4j starts."""
    from app.running import run  # noqa: PLC0415 - see above

    return run
