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
        server = _Server(uvicorn.Config(app, http="httptools", log_config=None, lifespan="on", timeout_graceful_shutdown=5))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task
