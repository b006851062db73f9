"""A replica as a process of its own that is there in a moment: forked from one that has imported the service already."""

import asyncio
import multiprocessing
import time
from multiprocessing.context import ForkServerProcess
from typing import Any

import httpx
import uvicorn

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.graph.embedded.process import free_port
from app.main import create_app
from app.settings import Settings

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "app.act.channels.twilio"])


class Replica:
    """The app over a graph, on a port of its own; `settings` are fields of the service's settings."""

    def __init__(self, address: Neo4jAddress, settings: dict[str, Any]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = (address, settings, self.port)
        self._process: ForkServerProcess | None = None

    def start(self) -> None:
        self._process = _FORKS.Process(target=_run, args=self._arguments, daemon=True)
        self._process.start()

    def wait_ready(self, within_s: float = 60.0) -> None:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready within {within_s} s")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.join()


def _run(address: Neo4jAddress, settings: dict[str, Any], port: int) -> None:
    asyncio.run(_serve(address, settings, port))


async def _serve(address: Neo4jAddress, settings: dict[str, Any], port: int) -> None:
    graph = Graph.connect(address.uri, address.username, address.password)
    app = create_app(graph, Settings(scheduler=False, **settings))
    await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None)).serve()
