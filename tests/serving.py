"""An app on a real socket, in the loop of a test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

import uvicorn
from fastapi import FastAPI

from app.listening import listen


class _Server(uvicorn.Server):
    """Signals stay pytest's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free port of this machine, in this loop; gives its address."""
    with closing(listen("127.0.0.1", 0)) as listener:  # the service's own: one without TCP_NODELAY waits 40 ms an answer
        # Idle connections are kept for longer than httpx keeps its own, as the service does: of two who hang up after the same
        # 5 s one may send into what the other is closing.
        own = {"timeout_keep_alive": 75, "timeout_graceful_shutdown": 5}
        server = _Server(uvicorn.Config(app, http="httptools", log_config=None, lifespan="on", **own))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task
