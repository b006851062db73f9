"""Processes of tests' own: started, asked, told to stop, killed.

To import the program takes two seconds of a processor, more than most tests use of it. So a process is forked from one that has
imported it and done nothing else: it has its own pid, environment and log, and dies of what any process dies of. What a person
types is started where the start itself is looked at, in tests/deploy, tests/doctor and tests/faults/test_told_to_stop.py.
"""

import multiprocessing
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import httpx

from app.graph.embedded import Neo4jAddress
from app.graph.embedded.server import START_PATIENCE_S

CONSTINTEL = str(Path(sys.executable).with_name("constintel"))
# For clients of loopback, which speak no TLS: to read the authorities that httpx trusts takes 40 ms, for each client anew.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "app.cli", "app.running", "app.scenarios.commands", "app.act.channels.twilio", "uvloop"])


def hold_still(pid: int) -> None:
    """Stops a process with all its threads, none of which answers any more once this returns. SIGCONT lets it go on."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + 10
    while not all(" T " in task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/stat")):
        assert time.monotonic() < deadline, f"process {pid} does not stop"
        time.sleep(0.005)


class Process:
    """`work(*arguments)` in a process of its own, which says into `log`."""

    def __init__(self, log: Path, work: Callable[..., object], *arguments: object) -> None:
        self._log = log
        log.touch()
        self._process = _FORKS.Process(target=_run, args=(log, work, arguments), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code once it has ended; of one that was killed, less than 0."""
        return self._process.exitcode

    def wait(self, within_s: float = 60.0) -> int:
        self._process.join(within_s)
        code = self.poll()
        assert code is not None, f"it did not end within {within_s} s: {self.said()}"
        return code

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.join()

    def said(self) -> str:
        return self._log.read_text(errors="replace")


def _run(log: Path, work: Callable[..., object], arguments: Sequence[object]) -> None:
    with log.open("ab") as out:
        for descriptor in (1, 2):
            os.dup2(out.fileno(), descriptor)
    work(*arguments)


def constintel(log: Path, given: dict[str, str], *arguments: str) -> Process:
    """The command with these arguments, in the environment `given`."""
    return Process(log, command, given, arguments)


def command(given: dict[str, str], arguments: Sequence[str]) -> None:
    """The same in this process, which it ends."""
    from app.cli import main  # noqa: PLC0415 - here it is there already

    os.environ.clear()
    os.environ.update(given)
    sys.argv = [CONSTINTEL, *arguments]
    main()


class Service:
    """`constintel serve` on a port of its own, in the environment `given`; once it has ended it may be started again."""

    def __init__(self, log: Path, given: dict[str, str], *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log, self._given = log, given
        self._arguments = ("serve", "--port", str(self.port), *arguments)
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None, "it was not started"
        return self._process

    def start(self) -> None:
        self._process = constintel(self._log, self._given, *self._arguments)

    def wait_ready(self) -> float:
        """Seconds until it says that it is ready."""
        return wait_until_ready(self.url, self.process, self._log)

    def kill(self) -> None:
        """kill -9, if it was started."""
        if self._process is not None:
            self._process.kill()

    def stop(self, within_s: float = 60.0) -> tuple[int, float]:
        """SIGTERM; its exit code and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s), time.monotonic() - began

    def said(self) -> str:
        return self.process.said()[-3_000:]


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
        clean["CONSTINTEL_ACCESS"] = "open"  # others make keys in the same graph
    return clean | {"CONSTINTEL_SCHEDULER": "off"} | settings


@contextmanager
def service(address: Neo4jAddress, log: Path, **settings: str) -> Iterator[str]:
    """A running service; gives its address. Stopped by SIGTERM at the end."""
    running = Service(log, environment(address, **settings))
    running.start()
    try:
        running.wait_ready()
        yield running.url
    finally:
        running.stop(30)


class Running(Protocol):
    def poll(self) -> int | None: ...


def wait_until_ready(url: str, process: Running, log: Path) -> float:
    """Seconds until the service says that it is ready."""
    began = time.monotonic()
    with httpx.Client(base_url=url, timeout=2, verify=NO_TLS) as client:
        while (took := time.monotonic() - began) < START_PATIENCE_S:
            if process.poll() is not None:
                raise AssertionError(f"the service ended with {process.poll()}: {log.read_text(errors='replace')[-2000:]}")
            try:
                if client.get("/readyz").status_code == 200:
                    return took
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise AssertionError(f"the service was not ready within {START_PATIENCE_S} s: {log.read_text(errors='replace')[-2000:]}")
