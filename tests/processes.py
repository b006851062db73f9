"""Real service processes for tests: the command a person would type, on a free port, over the tests' Neo4j."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.graph.embedded import Neo4jAddress
from app.graph.embedded.server import START_PATIENCE_S

CONSTINTEL = str(Path(sys.executable).with_name("constintel"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(address: Neo4jAddress | None, **settings: str) -> dict[str, str]:
    """The environment of a service: nothing of ours leaks in but what is named here.

    Nothing is done by the clock: other tests' brands are in the same graph.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONSTINTEL_", "NEO4J_"))}
    if engine := os.environ.get("CONSTINTEL_ENGINE_DIR"):
        clean["CONSTINTEL_ENGINE_DIR"] = engine
    if address is not None:
        clean |= {"NEO4J_URI": address.uri, "NEO4J_USERNAME": address.username, "NEO4J_PASSWORD": address.password}
    return clean | {"CONSTINTEL_SCHEDULER": "off"} | settings


@contextmanager
def service(address: Neo4jAddress, log: Path, **settings: str) -> Iterator[str]:
    """A running service; gives its address. Stopped by SIGTERM at the end."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [CONSTINTEL, "serve", "--port", str(port)], env=environment(address, **settings), stdout=out, stderr=out
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the service ended with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the service was not ready within {START_PATIENCE_S} s: {log.read_text()[-2000:]}")
